//! The roster of a visit: one tap for each person; what is rarer is one tap further.

use domain::RecordId;
use domain::codes::VisitPersonResult;
use ui_protocol::visits::{RosterPerson, RosterRoom};
use yew::prelude::*;

use crate::hooks::use_frame;
use crate::parts::{Tag, Tone};
use crate::words::use_words;

type Answers = Vec<(RecordId, VisitPersonResult)>;
type Answered = (RecordId, Option<VisitPersonResult>);

/// Properties of [`Roster`].
#[derive(Properties, PartialEq)]
pub struct RosterProps {
    /// Rooms with who is registered in each.
    pub rooms: Vec<RosterRoom>,
    /// The answers that stand.
    pub answers: Answers,
    /// Taps are taken.
    pub works: bool,
    /// A tap: about whom, and what; none takes the answer away.
    pub on_answer: Callback<Answered>,
}

/// Rooms and the people in them.
#[component(Roster)]
pub fn roster(props: &RosterProps) -> Html {
    let words = use_words();
    html! {
        <>
            { for props.rooms.iter().filter(|room| !room.people.is_empty()).map(|room| {
                let label = match room.id {
                    Some(_) => words.room(&room.label),
                    None => words.home_no_room().to_owned(),
                };
                html! {
                    <section class="group" key={label.clone()}>
                        <div class="group-head"><h2 class="weui-cells__title">{ label }</h2></div>
                        <div class="weui-cells">
                            { for room.people.iter().map(|who| {
                                let answer = props.answers.iter().find(|(known, _)| *known == who.person).map(|(_, result)| *result);
                                html! {
                                    <Row key={who.person.to_string()} who={who.clone()} {answer} works={props.works} on_answer={props.on_answer.clone()} />
                                }
                            }) }
                        </div>
                    </section>
                }
            }) }
        </>
    }
}

/// Properties of [`Row`].
#[derive(Properties, PartialEq)]
struct RowProps {
    who: RosterPerson,
    answer: Option<VisitPersonResult>,
    works: bool,
    on_answer: Callback<Answered>,
}

/// What nearly everybody is: the large tap.
const USUAL: VisitPersonResult = VisitPersonResult::Here;

#[component(Row)]
fn row(props: &RowProps) -> Html {
    let words = use_words();
    let frame = use_frame();
    let open = use_state(|| false);
    let who = &props.who;
    let name = if who.name.is_empty() { words.visit_name_gone().to_owned() } else { words.name_and_age(&who.name, who.age) };
    let tap = |result: VisitPersonResult| {
        let (person, here) = (who.person, props.answer == Some(result));
        let (on_answer, open) = (props.on_answer.clone(), open.setter());
        // A second tap on the same word takes it back.
        let onclick = Callback::from(move |_: MouseEvent| {
            open.set(false);
            on_answer.emit((person, (!here).then_some(result)));
        });
        html! {
            <button type="button" class={classes!("tap", (result == USUAL).then_some("tap-usual"))} aria-pressed={here.to_string()} {onclick}>
                { words.label(result) }
            </button>
        }
    };
    let rare = props.answer.filter(|answer| *answer != USUAL);
    let more = {
        let (setter, now) = (open.setter(), *open);
        let onclick = Callback::from(move |_: MouseEvent| setter.set(!now));
        html! {
            <button type="button" class="tap tap-more" aria-pressed={rare.is_some().to_string()} aria-expanded={open.to_string()} {onclick}>
                { rare.map_or(words.visit_other(), |answer| words.label(answer)) }
            </button>
        }
    };
    html! {
        <div class="check-item" role="group" aria-label={name.clone()}>
            <p class="check-name">
                <span>{ &name }</span>
                if who.lessee {
                    <Tag text={words.home_lessee()} />
                }
                if who.presence.is_suspected_left() {
                    <Tag text={words.presence_suspected()} tone={Tone::Wait} />
                }
            </p>
            if who.presence.is_suspected_left() {
                <p class="quiet">{ words.doubts(&who.presence, frame.today()) }</p>
            }
            if who.just_registered {
                <p class="check-done"><Tag text={words.visit_just_registered()} tone={Tone::Good} /></p>
            } else {
                if who.no_longer_here {
                    <p class="quiet">{ words.visit_no_longer_here() }</p>
                }
                if props.works {
                    <div class="taps">{ tap(USUAL) }{ more }</div>
                } else if let Some(answer) = props.answer {
                    <p class="check-done"><Tag text={words.label(answer)} /></p>
                }
                if *open {
                    <div class="taps taps-more">
                        { for VisitPersonResult::ALL.iter().filter(|result| **result != USUAL).map(|result| tap(*result)) }
                    </div>
                }
            }
        </div>
    }
}
