//! Two visitors who contradict each other about somebody, and the station's decision.

use domain::RecordId;
use ui_protocol::Topic;
use ui_protocol::attention::VisitorWord;
use ui_protocol::desk::{Contradicting, WeighForStation};
use yew::prelude::*;

use crate::hooks::{use_asker, use_notices, use_submit};
use crate::parts::{Button, Look, Trouble};
use crate::words::{Words, use_words};

/// Properties of [`Contradiction`].
#[derive(Properties, PartialEq)]
pub struct ContradictionProps {
    /// The registration.
    pub id: RecordId,
    /// Who said what.
    pub between: Contradicting,
    /// The station may decide.
    pub can_weigh: bool,
    /// The server's today.
    pub today: AttrValue,
}

/// Both words side by side.
#[component(Contradiction)]
pub fn contradiction(props: &ContradictionProps) -> Html {
    let words = use_words();
    let asker = use_asker();
    let notices = use_notices();
    let submit = use_submit::<WeighForStation>(Callback::from(move |_| {
        notices.say(words.settled());
        asker.announce(&[Topic::Attention, Topic::People]);
    }));
    let between = &props.between;
    let on_click = {
        let (send, ask) = (submit.send.clone(), (props.id, between.earlier.fact, between.later.fact));
        Callback::from(move |()| send.emit(WeighForStation { id: ask.0, earlier: ask.1, later: ask.2 }))
    };
    html! {
        <section class="clash" data-testid="contradiction">
            <h3 class="clash-title">{ words.contradictions_title() }</h3>
            <p class="quiet">{ words.contradiction_why() }</p>
            <div class="sides">
                { side(words, words.contradiction_later(), &between.later, &props.today) }
                { side(words, words.contradiction_earlier(), &between.earlier, &props.today) }
            </div>
            if let Some(error) = submit.state.error() {
                <Trouble error={error.clone()} />
            }
            if props.can_weigh {
                <div class="buttons-inline">
                    <Button look={Look::Primary} label={words.contradiction_keep()} busy={submit.state.is_busy()} {on_click} />
                </div>
            }
        </section>
    }
}

fn side(words: Words, name: &str, said: &VisitorWord, today: &str) -> Html {
    html! {
        <div class="side">
            <p class="side-name">{ name }</p>
            <p class="quiet">{ words.side_by(&words.who(&said.by), &words.moment(said.observed_unix_ms, today)) }</p>
            <p>{ words.label(said.result) }</p>
        </div>
    }
}
