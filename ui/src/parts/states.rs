//! What a page shows while it waits, when there is nothing, and when it failed.

use std::rc::Rc;

use gloo_timers::callback::Timeout;
use ui_protocol::UiError;
use yew::prelude::*;

use super::{Button, Icon, Look, Shape};
use crate::hooks::{Answer, Asked};
use crate::words::use_words;

/// How good or bad something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// On the server, done.
    Good,
    /// Not yet, look soon.
    Wait,
    /// Wrong, late.
    Bad,
    /// Neither.
    Calm,
}

impl Tone {
    /// Its class.
    pub fn class(self) -> &'static str {
        match self {
            Tone::Good => "tone-good",
            Tone::Wait => "tone-wait",
            Tone::Bad => "tone-bad",
            Tone::Calm => "tone-calm",
        }
    }

    fn shape(self) -> Shape {
        match self {
            Tone::Good => Shape::Good,
            Tone::Wait | Tone::Calm => Shape::Wait,
            Tone::Bad => Shape::Warn,
        }
    }
}

/// Waiting with grey lines is given up after this long.
const SLOW_AFTER_MS: u32 = 8_000;

/// Properties of [`Skeleton`].
#[derive(Properties, PartialEq)]
pub struct SkeletonProps {
    /// Asks again when it takes too long.
    #[prop_or_default]
    pub again: Option<Callback<()>>,
}

/// Grey lines where the page will be; after a while a sentence and a button, because nothing spins for ever.
#[component(Skeleton)]
pub fn skeleton(props: &SkeletonProps) -> Html {
    let words = use_words();
    let slow = use_state(|| false);
    use_effect_with((), {
        let setter = slow.setter();
        move |()| {
            let timer = Timeout::new(SLOW_AFTER_MS, move || setter.set(true));
            move || drop(timer)
        }
    });
    if *slow {
        return html! {
            <div class="state" role="status">
                <p>{ words.slow() }</p>
                if let Some(again) = &props.again {
                    <Button label={words.retry()} on_click={again.clone()} />
                }
            </div>
        };
    }
    html! {
        <div class="skeleton" role="status">
            <span class="unseen">{ words.opening() }</span>
            { for (0..5).map(|_| html! { <div class="skeleton-line" aria-hidden="true"></div> }) }
        </div>
    }
}

/// Properties of [`Empty`].
#[derive(Properties, PartialEq)]
pub struct EmptyProps {
    /// That there is nothing.
    pub title: AttrValue,
    /// What to do about it.
    #[prop_or_default]
    pub help: AttrValue,
}

/// There is nothing, and that is fine.
#[component(Empty)]
pub fn empty(props: &EmptyProps) -> Html {
    html! {
        <div class="state">
            <p class="state-title">{ &props.title }</p>
            if !props.help.is_empty() {
                <p>{ &props.help }</p>
            }
        </div>
    }
}

/// Properties of [`Trouble`].
#[derive(Properties, PartialEq)]
pub struct TroubleProps {
    /// What went wrong.
    pub error: UiError,
    /// Tries again.
    #[prop_or_default]
    pub again: Option<Callback<()>>,
}

/// What happened, whether the data is safe, what to do.
#[component(Trouble)]
pub fn trouble(props: &TroubleProps) -> Html {
    let words = use_words();
    html! {
        <div class="banner tone-bad" role="alert">
            <Icon shape={Shape::Warn} />
            <p>{ words.failure(&props.error) }</p>
            if let Some(again) = &props.again {
                <Button look={Look::Small} label={words.retry()} on_click={again.clone()} />
            }
        </div>
    }
}

/// Properties of [`Banner`].
#[derive(Properties, PartialEq)]
pub struct BannerProps {
    /// What to say.
    pub text: AttrValue,
    /// How bad it is.
    pub tone: Tone,
    /// Something to press.
    #[prop_or_default]
    pub children: Html,
}

/// A sentence across the page.
#[component(Banner)]
pub fn banner(props: &BannerProps) -> Html {
    html! {
        <div class={classes!("banner", props.tone.class())} role="status">
            <Icon shape={props.tone.shape()} />
            <p>{ &props.text }</p>
            { props.children.clone() }
        </div>
    }
}

/// Draws a question as it stands: waiting, failed, or what `ready` makes of the answer.
pub fn answered<T>(asked: &Asked<T>, ready: impl FnOnce(&Rc<T>) -> Html) -> Html {
    match &asked.answer {
        Answer::Waiting => html! { <Skeleton again={asked.again.clone()} /> },
        Answer::Failed(error) => html! { <Trouble error={error.clone()} again={asked.again.clone()} /> },
        Answer::Ready(value) => ready(value),
    }
}
