//! A check as it was made: every item's answer, the rooms, the note, and what became of what it found.

use std::rc::Rc;

use domain::RecordId;
use domain::checklist::{Answer, Group, Item};
use domain::inspection::RoomFound;
use domain::occupancy::{self, Limits};
use ui_protocol::Topic;
use ui_protocol::safety::{PastCheck as AskCheck, PastCheckView};
use yew::prelude::*;

use super::history::HistoryLink;
use super::route::Route;
use super::safety::hazard;
use super::safety_rooms::finding;
use super::taking_back::{LetStand, TakeBack, stations_now, taken_back};
use crate::hooks::{use_call, use_frame};
use crate::parts::{Cells, Fact, LinkCell, Screen, Tag, Tone, answered};
use crate::words::{Words, use_words};

/// Properties of [`PastCheck`].
#[derive(Properties, PartialEq)]
pub struct PastCheckProps {
    /// Which.
    pub id: RecordId,
}

/// The page of a check that was made.
#[component(PastCheck)]
pub fn past_check(props: &PastCheckProps) -> Html {
    let words = use_words();
    let frame = use_frame();
    let asked = use_call(AskCheck { id: props.id }, &[Topic::Units, Topic::Sync]);
    let back = asked.answer.ready().map_or(Route::Homes, |view| Route::Home { id: view.unit });
    html! {
        <Screen title={words.check_title()} back={back.href()}>
            { answered(&asked, |view| ready(words, view, frame.today())) }
        </Screen>
    }
}

fn ready(words: Words, view: &Rc<PastCheckView>, today: &str) -> Html {
    let row = &view.row;
    html! {
        <>
            <div class="card">
                <p class="card-title">{ &view.home }</p>
                <p class="card-detail">{ words.check_counts(row) }</p>
                if row.waiting {
                    <p class="card-tags"><Tag text={words.waiting_mark()} tone={Tone::Wait} /></p>
                }
            </div>
            if row.withdrawn {
                { taken_back(words) }
            }
            <Cells>
                <Fact name={words.visit_at()} value={words.moment(row.observed_unix_ms, today)} />
                <Fact name={words.notice_station()} value={words.who(&view.by)} />
                <Fact name={words.check_note_was()} value={view.note.clone()} />
                if row.has_slip {
                    <LinkCell href={Route::Notice { id: row.id }.href()} title={words.hazard_notice()} />
                }
            </Cells>
            if !view.found.is_empty() {
                <Cells title={words.check_found()}>{ for view.found.iter().map(|found| hazard(words, &found.row, today)) }</Cells>
            }
            if !view.closed.is_empty() {
                <Cells title={words.check_found_mended()}>{ for view.closed.iter().map(|row| hazard(words, row, today)) }</Cells>
            }
            { for Group::ALL.iter().map(|group| answers(words, view, *group)) }
            if view.may_take_back {
                <TakeBack key={row.id.to_string()} id={row.id} kind={domain::kind::INSPECTION} />
            }
            if view.stations {
                { stations_now(words) }
            }
            if view.may_let_stand {
                <LetStand id={row.id} />
            }
            <HistoryLink id={row.id} />
        </>
    }
}

fn answers(words: Words, view: &PastCheckView, group: Group) -> Html {
    let rooms = if group == Group::Occupancy { view.rooms.as_slice() } else { &[] };
    html! {
        <Cells key={group.code()} title={words.label(group)}>
            { for rooms.iter().map(|found| room(words, found, view.limits.as_ref())) }
            { for view.answers.iter().filter(|(item, _)| item.group() == group).map(|(item, answer)| one(words, *item, *answer)) }
        </Cells>
    }
}

fn one(words: Words, item: Item, answer: Answer) -> Html {
    let tone = match answer {
        Answer::Pass => Tone::Good,
        Answer::Fail => Tone::Bad,
        Answer::NotApplicable | Answer::NotChecked => Tone::Calm,
    };
    html! {
        <div class="check-item">
            <p class="check-name"><span>{ words.label(item) }</span><Tag text={words.label(answer)} {tone} /></p>
        </div>
    }
}

fn room(words: Words, found: &RoomFound, limits: Option<&Limits>) -> Html {
    let label = if found.label.is_empty() { words.home_no_room().to_owned() } else { words.room(&found.label) };
    html! {
        <div class="check-room">
            <p class="room-label">{ label }</p>
            <p class="check-help">{ words.room_found(found) }</p>
            if let Some(limits) = limits {
                <p class="check-findings">
                    { finding(words, words.label(Item::Rs01), occupancy::area(found.room(), limits), Words::finding_area) }
                    { finding(words, words.label(Item::Rs02), occupancy::heads(found.room(), limits), Words::finding_heads) }
                </p>
            }
        </div>
    }
}
