//! One home: where, whose, how it stands, who lives in it.

use std::rc::Rc;

use domain::RecordId;
use domain::codes::UnitStatus;
use ui_protocol::Topic;
use ui_protocol::units::{Occupant, RoomView, Unit, UnitView};
use yew::prelude::*;

use super::empty_home::EmptyHomeSection;
use super::history::HistoryLink;
use super::home_actions::{Action, HomeActions};
use super::homes::state_tone;
use super::photos::PhotoSection;
use super::route::Route;
use super::safety::SafetySection;
use super::same_home::{MergedHere, MergedInto};
use super::tenants::TenantSection;
use super::visits::VisitSection;
use crate::hooks::{use_call, use_frame};
use crate::parts::{Cells, Fact, LinkCell, PhoneLink, Screen, Tag, Tone, answered};
use crate::words::{Words, use_words};

/// Properties of [`Home`].
#[derive(Properties, PartialEq)]
pub struct HomeProps {
    /// Which.
    pub id: RecordId,
}

/// The page of a home.
#[component(Home)]
pub fn home(props: &HomeProps) -> Html {
    let words = use_words();
    let asked = use_call(Unit { id: props.id }, &[Topic::Units, Topic::People, Topic::Sync]);
    let open = asked.answer.ready().is_some_and(|unit| unit.state != UnitStatus::Closed);
    let thumb = if open {
        html! {
            <>
                <a class="weui-btn button button-primary" href={Route::Visit { id: props.id }.href()}>{ words.visit_start() }</a>
                <a class="weui-btn button button-plain" href={Route::AddPerson { id: props.id }.href()}>{ words.home_add_person() }</a>
            </>
        }
    } else {
        Html::default()
    };
    let aside = html! { <a class="bar-link" href={Route::EditHome { id: props.id }.href()}>{ words.edit() }</a> };
    html! {
        <Screen title={words.home_title()} back={Route::Homes.href()} {aside} {thumb}>
            { answered(&asked, |unit| html! { <Ready unit={unit.clone()} /> }) }
        </Screen>
    }
}

/// Properties of [`Ready`].
#[derive(Properties, PartialEq)]
struct ReadyProps {
    unit: Rc<UnitView>,
}

#[component(Ready)]
fn ready(props: &ReadyProps) -> Html {
    let words = use_words();
    let frame = use_frame();
    let (unit, today) = (&props.unit, frame.today());
    let letter = unit.letter.as_ref().map_or_else(
        || words.home_letter_missing().to_owned(),
        |letter| {
            let signed = words.plain_day(&letter.signed_on, today);
            if letter.valid_to.is_empty() { signed } else { format!("{signed} – {}", words.plain_day(&letter.valid_to, today)) }
        },
    );
    let letting = unit.letting.as_ref().map(|letting| {
        format!("{} · {} · {}", words.label(letting.mode), words.label(letting.usage), words.label(letting.tenure))
    });
    let last_visit =
        unit.last_visit_unix_ms.map_or_else(|| words.home_last_visit_never().to_owned(), |at| words.moment(at, today));
    html! {
        <>
            <div class="card">
                <p class="card-title">{ &unit.title }</p>
                <p class="card-detail">{ &unit.area_name }</p>
                <p class="card-tags">
                    <Tag text={words.label(unit.state)} tone={state_tone(unit.state)} />
                    if unit.waiting {
                        <Tag text={words.waiting_mark()} tone={Tone::Wait} />
                    } else {
                        <Tag text={words.change_state(ui_protocol::units::ChangeState::Answered)} tone={Tone::Good} />
                    }
                </p>
            </div>
            if let Some(into) = &unit.merged_into {
                <MergedInto id={unit.id} meant={into.clone()} />
            }
            if let Some(empty) = &unit.empty {
                <EmptyHomeSection id={unit.id} empty={empty.clone()} />
            }
            <Cells>
                <Fact name={words.home_landlord()} value={unit.landlord.name.clone()}>
                    if !unit.landlord.phone.is_empty() {
                        <PhoneLink number={unit.landlord.phone.clone()} />
                    }
                </Fact>
                <Fact name={words.home_letter()} value={letter} />
                <Fact name={words.home_letting()} value={letting.unwrap_or_default()} />
                <Fact name={words.home_last_visit()} value={last_visit} />
                <Fact name={words.home_number()} value={unit.number.clone()} />
                if !unit.number.is_empty() {
                    <LinkCell href={Route::Plate { id: unit.id }.href()} title={words.plate_title()} />
                }
            </Cells>
            if unit.merged_into.is_none() {
                { rooms(words, unit, today) }
                <TenantSection id={unit.id} tenants={unit.tenants.clone()} open={unit.state != UnitStatus::Closed} />
                <VisitSection unit={unit.id} />
                <SafetySection unit={unit.id} open={unit.state != UnitStatus::Closed} />
                <PhotoSection of={unit.id} />
                <MergedHere merged={unit.merged.clone()} />
                <HomeActions id={unit.id} title={words.home_actions()} offered={Action::of(unit.state, unit.can_undo)} />
                if unit.state != UnitStatus::Closed {
                    <Cells>
                        <LinkCell href={Route::SameHome { id: unit.id }.href()} title={words.same_home_title()} detail={words.same_home_help()} />
                    </Cells>
                }
            }
            <HistoryLink id={unit.id} />
        </>
    }
}

fn rooms(words: Words, unit: &UnitView, today: &str) -> Html {
    if unit.rooms.is_empty() {
        return html! {
            <Cells title={words.home_rooms()}>
                <div class="weui-cell"><p class="quiet">{ words.home_rooms_empty() }</p></div>
            </Cells>
        };
    }
    html! {
        <section class="group">
            <div class="group-head"><h2 class="weui-cells__title">{ words.home_rooms() }</h2></div>
            { for unit.rooms.iter().map(|room| room_cells(words, room, today)) }
        </section>
    }
}

fn room_cells(words: Words, room: &RoomView, today: &str) -> Html {
    let label = match room.id {
        Some(_) => words.room(&room.label),
        None => words.home_no_room().to_owned(),
    };
    html! {
        <div class="weui-cells room">
            <h3 class="room-label">
                { &label }
                if room.people.is_empty() {
                    <span class="quiet">{ words.home_room_vacant() }</span>
                }
                if let Some(id) = room.id {
                    <a class="inline-link room-history" href={Route::History { id }.href()} aria-label={format!("{} {}", label, words.history_title())}>
                        { words.history_title() }
                    </a>
                }
            </h3>
            { for room.people.iter().map(|who| occupant(words, who, today)) }
        </div>
    }
}

fn occupant(words: Words, who: &Occupant, today: &str) -> Html {
    let tags = html! {
        <>
            if who.lessee {
                <Tag text={words.home_lessee()} />
            }
            if who.presence.is_suspected_left() {
                <Tag text={words.presence_suspected()} tone={Tone::Wait} />
            }
            if who.waiting {
                <Tag text={words.waiting_mark()} tone={Tone::Wait} />
            }
        </>
    };
    html! {
        <LinkCell href={Route::Person { id: who.person }.href()} title={words.name_and_age(&who.name, who.age)}
            detail={words.since(&words.day(&who.from, today))} note={words.doubts(&who.presence, today)} {tags} />
    }
}
