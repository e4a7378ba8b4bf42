//! Buttons: the word on them is what they do.

use yew::prelude::*;

/// How a button looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Look {
    /// The one thing this page is for.
    Primary,
    /// Everything else.
    #[default]
    Plain,
    /// Ends or takes back something.
    Warn,
    /// A few words inside a line.
    Small,
}

impl Look {
    fn class(self) -> &'static str {
        match self {
            Look::Primary => "weui-btn button button-primary",
            Look::Plain => "weui-btn button button-plain",
            Look::Warn => "weui-btn button button-warn",
            Look::Small => "weui-btn button button-small",
        }
    }
}

/// Properties of [`Button`].
#[derive(Properties, PartialEq)]
pub struct ButtonProps {
    /// The verb.
    pub label: AttrValue,
    /// How it looks.
    #[prop_or_default]
    pub look: Look,
    /// Its work is under way.
    #[prop_or_default]
    pub busy: bool,
    /// What is said meanwhile.
    #[prop_or_default]
    pub busy_label: Option<AttrValue>,
    /// Submits the form around it.
    #[prop_or_default]
    pub submits: bool,
    /// Submits the form with this id, from outside of it.
    #[prop_or_default]
    pub form: Option<AttrValue>,
    /// More than the visible words, for people who listen.
    #[prop_or_default]
    pub spoken: Option<AttrValue>,
    /// What it does.
    #[prop_or_default]
    pub on_click: Callback<()>,
}

/// A button. A busy one stays where it is and can still be focused; it does nothing.
#[component(Button)]
pub fn button(props: &ButtonProps) -> Html {
    let onclick = {
        let (on_click, busy) = (props.on_click.clone(), props.busy);
        Callback::from(move |event: MouseEvent| {
            if busy {
                event.prevent_default();
            } else {
                on_click.emit(());
            }
        })
    };
    let label = if props.busy { props.busy_label.as_ref().unwrap_or(&props.label) } else { &props.label };
    html! {
        <button type={if props.submits { "submit" } else { "button" }} class={props.look.class()} form={props.form.clone()}
            aria-disabled={props.busy.then_some("true")} aria-label={props.spoken.clone()} {onclick}>
            if props.busy {
                <span class="turning" aria-hidden="true"></span>
            }
            { label }
        </button>
    }
}

/// Properties of [`Chip`].
#[derive(Properties, PartialEq)]
pub struct ChipProps {
    /// What it leaves.
    pub label: AttrValue,
    /// How many there are of it, where that is known.
    #[prop_or_default]
    pub count: Option<u64>,
    /// It is on.
    pub pressed: bool,
    /// It was pressed.
    pub on_click: Callback<()>,
}

/// A switch that narrows a list.
#[component(Chip)]
pub fn chip(props: &ChipProps) -> Html {
    let onclick = props.on_click.reform(|_: MouseEvent| ());
    html! {
        <button type="button" class={classes!("chip", props.pressed.then_some("chip-on"))}
            aria-pressed={if props.pressed { "true" } else { "false" }} {onclick}>
            { &props.label }
            if let Some(count) = props.count {
                <span class="chip-count">{ count }</span>
            }
        </button>
    }
}
