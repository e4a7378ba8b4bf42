//! The two items that are computed: rooms, their size, who sleeps there.

use std::collections::BTreeMap;

use domain::checklist::{Answer, Group, Item};
use domain::inspection::RoomForm;
use domain::occupancy::{self, Finding, Limits};
use yew::prelude::*;

use super::safety_check::{Sight, due_of};
use super::safety_failure::Failure;
use crate::parts::{InputKind, Said, SwitchField, Tag, TextField, Tone};
use crate::words::Words;

/// The group of the rooms, with what follows from them.
pub(super) fn rooms(look: &Sight<'_>, answers: &BTreeMap<String, Answer>, said: &dyn Fn(&str) -> Option<Said>) -> Html {
    let words = look.words;
    let limits = look.begun.limits.as_ref();
    html! {
        <>
            <p class="check-help">{ words.check_rooms_help() }</p>
            if let Some(limits) = limits {
                <p class="check-help">{ words.check_limits(limits) }</p>
            }
            { for look.form.rooms.iter().enumerate().map(|(at, room)| one(look, at, room, limits, said)) }
            { for Group::Occupancy.items().map(|item| computed(look, item, answers.get(item.code()).copied(), said)) }
        </>
    }
}

fn one(look: &Sight<'_>, at: usize, room: &RoomForm, limits: Option<&Limits>, said: &dyn Fn(&str) -> Option<Said>) -> Html {
    let words = look.words;
    let label = if room.label.is_empty() { words.home_no_room().to_owned() } else { words.room(&room.label) };
    let set = |put: fn(&mut RoomForm, String)| {
        look.draft.set(move |form, text| {
            if let Some(room) = form.rooms.get_mut(at) {
                put(room, text);
            }
        })
    };
    let family = look.draft.set_flag(move |form, family| {
        if let Some(room) = form.rooms.get_mut(at) {
            room.family = family;
        }
    });
    let id = |field: &str| format!("rooms.{at}.{field}");
    let several = room.found().is_some_and(|found| found.people > 1);
    html! {
        <div class="check-room" role="group" aria-label={label.clone()} key={at}>
            <p class="room-label">{ &label }</p>
            <TextField id={id("usable_m2")} label={words.check_usable()} kind={InputKind::Decimal} value={room.usable_m2.clone()} max=9
                said={said(&id("usable_m2"))} on_change={set(|room, text| room.usable_m2 = text)} />
            <TextField id={id("people")} label={words.check_people()} kind={InputKind::Digits} value={room.people.clone()} max=6
                said={said(&id("people"))} on_change={set(|room, text| room.people = text)} />
            if several {
                <SwitchField id={id("family")} label={words.check_family()} value={room.family} on_change={family} />
            }
            if let (Some(limits), Some(found)) = (limits, room.found()) {
                <p class="check-findings">
                    { finding(words, words.label(Item::Rs01), occupancy::area(found.room(), limits), Words::finding_area) }
                    { finding(words, words.label(Item::Rs02), occupancy::heads(found.room(), limits), Words::finding_heads) }
                </p>
            }
        </div>
    }
}

/// What follows from one room, by one rule.
pub(super) fn finding(words: Words, rule: &'static str, finding: Finding, say: fn(Words, Finding) -> &'static str) -> Html {
    let tone = match finding {
        Finding::Fail => Tone::Bad,
        Finding::Pass | Finding::FamilyExempt => Tone::Good,
        Finding::Empty | Finding::NotMeasured => Tone::Calm,
    };
    let separator = words.pick("：", ": ");
    html! { <Tag text={format!("{rule}{separator}{}", say(words, finding))} {tone} /> }
}

fn computed(look: &Sight<'_>, item: Item, answer: Option<Answer>, said: &dyn Fn(&str) -> Option<Said>) -> Html {
    let words = look.words;
    let answer = answer.unwrap_or(Answer::NotChecked);
    let tone = match answer {
        Answer::Pass => Tone::Good,
        Answer::Fail => Tone::Bad,
        Answer::NotApplicable | Answer::NotChecked => Tone::Calm,
    };
    html! {
        <div class="check-item" role="group" aria-label={words.label(item)}>
            <p class="check-name">
                <span>{ words.label(item) }</span>
                <Tag text={words.label(answer)} {tone} />
            </p>
            <p class="check-help">{ words.check_computed() }</p>
            if answer == Answer::Fail {
                <Failure {item} draft={look.draft.clone()} hazard={look.form.hazard(item)} due={due_of(look, item)} today={look.today.to_owned()}
                    known={look.begun.known(item).cloned()}
                    description_said={said(&format!("hazards.{}.description", item.code()))}
                    handed_said={said(&format!("hazards.{}.handed_to", item.code()))} />
            }
        </div>
    }
}
