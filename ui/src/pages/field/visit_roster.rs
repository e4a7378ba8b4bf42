//! The roster of a visit: one tap for each person, whatever is found. Who was answered about takes one line, and the next stands there.

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

/// The answers as they lie under a thumb: the usual one large, beside it the next in number, and below what is rarer, in two rows.
const UNDER_THE_THUMB: [VisitPersonResult; 8] = [
    USUAL,
    VisitPersonResult::NotMet,
    VisitPersonResult::HereChanged,
    VisitPersonResult::MovedInBuilding,
    VisitPersonResult::MovedInCounty,
    VisitPersonResult::Left,
    VisitPersonResult::NotExist,
    VisitPersonResult::Refused,
];

#[component(Row)]
fn row(props: &RowProps) -> Html {
    let words = use_words();
    let frame = use_frame();
    let changing = use_state(|| false);
    let who = &props.who;
    let name = if who.name.is_empty() { words.visit_name_gone().to_owned() } else { words.name_and_age(&who.name, who.age) };
    let tap = |result: VisitPersonResult| {
        let (person, here) = (who.person, props.answer == Some(result));
        let (on_answer, changing) = (props.on_answer.clone(), changing.setter());
        // A second tap on the same word takes it back.
        let onclick = Callback::from(move |_: MouseEvent| {
            changing.set(false);
            on_answer.emit((person, (!here).then_some(result)));
        });
        html! {
            <button type="button" class={classes!("tap", (result == USUAL).then_some("tap-usual"))} aria-pressed={here.to_string()} {onclick}>
                { words.label(result) }
            </button>
        }
    };
    let change = {
        let (setter, now) = (changing.setter(), *changing);
        let onclick = Callback::from(move |_: MouseEvent| setter.set(!now));
        html! {
            <button type="button" class="tap tap-change" aria-expanded={changing.to_string()} {onclick}>{ words.visit_change_answer() }</button>
        }
    };
    let open = props.answer.is_none() || *changing;
    let asked = props.works && !who.just_registered && open;
    html! {
        <div class={classes!("check-item", props.answer.is_some().then_some("check-answered"))} role="group" aria-label={name.clone()}>
            <div class="check-head">
                <p class="check-name">
                    <span>{ &name }</span>
                    if who.lessee {
                        <Tag text={words.home_lessee()} />
                    }
                    if who.presence.is_suspected_left() {
                        <Tag text={words.presence_suspected()} tone={Tone::Wait} />
                    }
                    if !who.presence.pending.is_empty() {
                        <Tag text={words.presence_pending()} tone={Tone::Wait} />
                    }
                    if who.just_registered {
                        <Tag text={words.visit_just_registered()} tone={Tone::Good} />
                    } else if let Some(answer) = props.answer {
                        <Tag text={words.label(answer)} tone={if answer.is_here() { Tone::Good } else { Tone::Wait }} />
                    }
                </p>
                if props.works && props.answer.is_some() && !who.just_registered {
                    { change }
                }
            </div>
            // What is known from before is for whoever asks; who was answered about takes one line.
            if who.presence.is_suspected_left() && open {
                <p class="quiet">{ words.doubts(&who.presence, frame.today()) }</p>
            }
            { for who.presence.pending.iter().filter(|_| open).map(|found| html! {
                <p class="quiet">{ words.pending_change(found.result, found.observed_unix_ms, frame.today()) }</p>
            }) }
            if who.no_longer_here && !who.just_registered {
                <p class="quiet">{ words.visit_no_longer_here() }</p>
            }
            if asked {
                <div class="taps-all">{ for UNDER_THE_THUMB.iter().map(|result| tap(*result)) }</div>
            }
        </div>
    }
}
