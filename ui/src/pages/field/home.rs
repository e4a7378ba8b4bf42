//! One home: where, whose, how it stands, who lives in it.

use std::rc::Rc;

use domain::RecordId;
use domain::codes::{UnitCloseReason, UnitStatus};
use ui_protocol::Topic;
use ui_protocol::people::UndoMistake;
use ui_protocol::units::{Occupant, RoomView, SetUnitState, Unit, UnitView};
use yew::prelude::*;
use yew_router::prelude::*;

use super::history::HistoryLink;
use super::homes::state_tone;
use super::photos::PhotoSection;
use super::route::Route;
use super::safety::SafetySection;
use super::visits::VisitSection;
use crate::hooks::{use_call, use_frame, use_notices, use_submit};
use crate::parts::{
    Button, Cells, Dialog, Fact, LinkCell, Look, PhoneLink, Screen, SelectField, Tag, Tone, Trouble, answered, options,
};
use crate::words::{Label, Words, use_words};

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
            { rooms(words, unit, today) }
            <VisitSection unit={unit.id} />
            <SafetySection unit={unit.id} open={unit.state != UnitStatus::Closed} />
            <PhotoSection of={unit.id} />
            <Actions unit={unit.clone()} />
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
                { label }
                if room.people.is_empty() {
                    <span class="quiet">{ words.home_room_vacant() }</span>
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

/// What can be done about the home itself.
#[derive(Clone, Copy, PartialEq)]
enum Action {
    Register,
    Pause,
    Resume,
    Close,
    TakeBack,
}

impl Action {
    /// What makes sense from where the home stands.
    fn of(unit: &UnitView) -> Vec<Action> {
        let may = |action: &Action| action.state().is_none_or(|state| unit.state.may_become(state));
        let begun = if unit.state == UnitStatus::Pending { Action::Register } else { Action::Resume };
        let mut actions: Vec<Action> = [begun, Action::Pause, Action::Close].into_iter().filter(may).collect();
        if unit.can_undo {
            actions.push(Action::TakeBack);
        }
        actions
    }

    fn verb(self, words: Words) -> &'static str {
        match self {
            Action::Register => words.home_register(),
            Action::Pause => words.home_pause(),
            Action::Resume => words.home_resume(),
            Action::Close => words.home_close(),
            Action::TakeBack => words.home_mistake(),
        }
    }

    fn question(self, words: Words) -> &'static str {
        match self {
            Action::Register | Action::Resume => words.home_register_ask(),
            Action::Pause => words.home_pause_ask(),
            Action::Close => words.home_close_ask(),
            Action::TakeBack => words.home_mistake_ask(),
        }
    }

    /// The state it leads to, if it leads to one.
    fn state(self) -> Option<UnitStatus> {
        match self {
            Action::Register | Action::Resume => Some(UnitStatus::Registered),
            Action::Pause => Some(UnitStatus::Paused),
            Action::Close => Some(UnitStatus::Closed),
            Action::TakeBack => None,
        }
    }

    fn ends_something(self) -> bool {
        matches!(self, Action::Close | Action::TakeBack)
    }
}

#[component(Actions)]
fn actions(props: &ReadyProps) -> Html {
    let words = use_words();
    let notices = use_notices();
    let navigator = use_navigator();
    let asking = use_state(|| None::<Action>);
    let reason = use_state(|| UnitCloseReason::Other);
    let set_state = use_submit::<SetUnitState>({
        let (notices, asking) = (notices.clone(), asking.setter());
        Callback::from(move |_| {
            asking.set(None);
            notices.say(words.home_state_changed());
        })
    });
    let undo = use_submit::<UndoMistake>({
        let notices = notices.clone();
        Callback::from(move |_| {
            if let Some(navigator) = &navigator {
                navigator.replace(&Route::Homes);
            }
            notices.say(words.home_undone());
        })
    });
    let id = props.unit.id;
    let on_confirm = {
        let (asking, reason, set_state, undo) = (asking.clone(), reason.clone(), set_state.send.clone(), undo.send.clone());
        Callback::from(move |()| {
            let send = |state, reason| set_state.emit(SetUnitState { id, state, reason });
            match *asking {
                Some(Action::Register | Action::Resume) => send(UnitStatus::Registered, None),
                Some(Action::Pause) => send(UnitStatus::Paused, Some(UnitCloseReason::Stopped)),
                Some(Action::Close) => send(UnitStatus::Closed, Some(*reason)),
                Some(Action::TakeBack) => undo.emit(UndoMistake { record: id }),
                None => {}
            }
        })
    };
    let on_cancel = {
        let asking = asking.setter();
        Callback::from(move |()| asking.set(None))
    };
    html! {
        <section class="group">
            <div class="group-head"><h2 class="weui-cells__title">{ words.home_actions() }</h2></div>
            <div class="buttons">
                { for Action::of(&props.unit).into_iter().map(|action| {
                    let on_click = {
                        let asking = asking.setter();
                        Callback::from(move |()| asking.set(Some(action)))
                    };
                    html! { <Button label={action.verb(words)} look={if action.ends_something() { Look::Warn } else { Look::Plain }} {on_click} /> }
                }) }
            </div>
            if let Some(action) = *asking {
                <Dialog title={action.verb(words)} text={action.question(words)} confirm={action.verb(words)} warn={action.ends_something()}
                    busy={set_state.state.is_busy() || undo.state.is_busy()} {on_confirm} {on_cancel}>
                    if action == Action::Close {
                        <SelectField id="close_reason" label={words.home_close_reason()} value={reason.stored()} choices={options::<UnitCloseReason>(words)}
                            on_change={
                                let reason = reason.setter();
                                move |code: String| if let Some(chosen) = UnitCloseReason::read(&code) { reason.set(chosen) }
                            } />
                    }
                    if let Some(error) = set_state.state.error().or(undo.state.error()) {
                        <Trouble error={error.clone()} />
                    }
                </Dialog>
            }
        </section>
    }
}
