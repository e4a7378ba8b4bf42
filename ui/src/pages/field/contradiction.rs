//! Two visitors who contradict each other: both words side by side, and every way to decide.

use ui_protocol::attention::{ContradictionView, VisitorWord, WeighWords};
use yew::prelude::*;

use super::route::Route;
use crate::hooks::{use_frame, use_notices, use_submit};
use crate::parts::{Button, Look, Trouble};
use crate::words::{Words, use_words};

/// Properties of [`TwoWords`].
#[derive(Properties, PartialEq)]
pub struct TwoWordsProps {
    /// Who said what.
    pub between: ContradictionView,
}

/// One person about whom two visitors say opposite things of one day.
#[component(TwoWords)]
pub fn two_words(props: &TwoWordsProps) -> Html {
    let words = use_words();
    let frame = use_frame();
    let notices = use_notices();
    let between = &props.between;
    let submit = use_submit::<WeighWords>(Callback::from(move |_| notices.say(words.settled())));
    let keep = {
        let (send, between) = (submit.send.clone(), between.clone());
        Callback::from(move |()| {
            let (residency, earlier, later) = (between.residency, between.earlier.fact, between.later.fact);
            send.emit(WeighWords { residency, earlier, later });
        })
    };
    let title = [between.name.as_str(), between.home.as_str()].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>();
    html! {
        <article class="clash" data-testid="contradiction">
            <h3 class="clash-title">{ title.join(" · ") }</h3>
            <p class="quiet">{ words.contradiction_why() }</p>
            <div class="sides">
                { side(words, words.contradiction_later(), &between.later, frame.today()) }
                { side(words, words.contradiction_earlier(), &between.earlier, frame.today()) }
            </div>
            if let Some(error) = submit.state.error() {
                <Trouble error={error.clone()} />
            }
            <div class="buttons-inline">
                <Button look={Look::Primary} label={words.contradiction_keep()} busy={submit.state.is_busy()} on_click={keep} />
                if let Some(unit) = between.unit {
                    <a class="weui-btn button button-plain" href={Route::Visit { id: unit }.href()}>{ words.presence_visit_again() }</a>
                }
                <a class="weui-btn button button-plain" href={Route::Leave { id: between.person }.href()}>{ words.contradiction_end() }</a>
                <a class="weui-btn button button-plain" href={Route::Person { id: between.person }.href()}>{ words.open_record() }</a>
            </div>
        </article>
    }
}

fn side(words: Words, name: &str, said: &VisitorWord, today: &str) -> Html {
    let by = if said.by.is_empty() { words.history_me().to_owned() } else { words.visitor(&said.by) };
    html! {
        <div class="side">
            <p class="side-name">{ name }</p>
            <p class="quiet">{ words.side_by(&by, &words.moment(said.observed_unix_ms, today)) }</p>
            <p>{ words.label(said.result) }</p>
            <p><a class="check-link" href={Route::PastVisit { id: said.visit }.href()}>{ words.contradiction_slip() }</a></p>
        </div>
    }
}
