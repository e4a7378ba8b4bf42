//! Small marks beside a title: words in a colour, never a colour alone.

use ui_protocol::today::DueView;
use yew::prelude::*;

use super::{Icon, Shape, Tone};
use crate::words::{Urgency, use_words};

/// Properties of [`Tag`].
#[derive(Properties, PartialEq)]
pub struct TagProps {
    /// The word.
    pub text: AttrValue,
    /// Its colour.
    #[prop_or(Tone::Calm)]
    pub tone: Tone,
}

/// A word in a colour.
#[component(Tag)]
pub fn tag(props: &TagProps) -> Html {
    html! { <span class={classes!("tag", props.tone.class())}>{ &props.text }</span> }
}

/// Properties of [`DueTag`].
#[derive(Properties, PartialEq)]
pub struct DueTagProps {
    /// The deadline.
    pub due: DueView,
    /// The device's today.
    pub today: AttrValue,
}

/// How long is left.
#[component(DueTag)]
pub fn due_tag(props: &DueTagProps) -> Html {
    let words = use_words();
    let due = words.due(&props.due, &props.today);
    let tone = match due.urgency {
        Urgency::Overdue => Tone::Bad,
        Urgency::Today | Urgency::Soon => Tone::Wait,
        Urgency::Calm => Tone::Calm,
    };
    html! {
        <span class={classes!("tag", tone.class())}>
            if due.urgency == Urgency::Overdue {
                <Icon shape={Shape::Warn} />
            }
            { due.text }
        </span>
    }
}
