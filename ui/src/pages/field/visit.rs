//! A visit: the roster at the door, for one thumb.

use std::rc::Rc;

use domain::RecordId;
use domain::codes::UnitStatus;
use ui_protocol::Topic;
use ui_protocol::visits::{DropVisit, HomeNow, Step, Visit as AskVisit, VisitView};
use yew::prelude::*;
use yew_router::prelude::*;

use super::resident_done::NoticeSheet;
use super::route::Route;
use super::visit_result::Finish;
use super::visit_roster::Roster;
use super::visit_taps::{Taps, use_taps};
use crate::hooks::{use_call, use_notices, use_submit};
use crate::parts::{Banner, Button, Cells, Dialog, Empty, LinkCell, Look, Screen, Tag, Tone, Trouble, answered};
use crate::words::{Words, use_words};

/// Properties of [`Visit`].
#[derive(Properties, PartialEq)]
pub struct VisitProps {
    /// The home.
    pub id: RecordId,
}

/// The page of a visit.
#[component(Visit)]
pub fn visit(props: &VisitProps) -> Html {
    let words = use_words();
    let id = props.id;
    let asked = use_call(AskVisit { unit: id }, &[Topic::Units, Topic::People, Topic::Sync]);
    let gone = asked.answer.ready().is_some_and(|view| view.home == HomeNow::Gone);
    let back = if gone { Route::First } else { Route::Home { id } };
    html! {
        <Screen title={words.visit_title()} back={back.href()}>
            { answered(&asked, |view| html! { <Door view={view.clone()} /> }) }
        </Screen>
    }
}

/// Properties of [`Door`].
#[derive(Properties, PartialEq)]
struct DoorProps {
    view: Rc<VisitView>,
}

#[component(Door)]
fn door(props: &DoorProps) -> Html {
    let words = use_words();
    let navigator = use_navigator();
    let view = &props.view;
    let unit = view.unit;
    let taps = use_taps(unit, view.noted.clone());
    let notice = use_state(|| false);
    let show_notice = |on: bool| {
        let notice = notice.setter();
        Callback::from(move |()| notice.set(on))
    };
    let on_shown = {
        let send = taps.send.clone();
        Callback::from(move |version: String| send.emit(Step::NoticeShown { version }))
    };
    let on_add = {
        let send = taps.send.clone();
        Callback::from(move |()| {
            send.emit(Step::Adding);
            if let Some(navigator) = &navigator {
                navigator.push(&Route::AddInVisit { id: unit });
            }
        })
    };
    let people = view.rooms.iter().map(|room| room.people.len()).sum::<usize>();
    let checked = checked(view, &taps);
    let works = view.home != HomeNow::Gone;
    html! {
        <>
            <div class="card">
                <p class="card-title">{ if works { view.title.clone() } else { words.visit_home_gone().to_owned() } }</p>
                <p class="card-detail">{ &view.area_name }</p>
                if !taps.noted.notice.is_empty() {
                    <p class="card-tags"><Tag text={words.visit_notice_shown()} tone={Tone::Good} /></p>
                }
            </div>
            { home_says(words, view) }
            if let Some(error) = &taps.error {
                <Trouble error={error.clone()} />
            }
            if works {
                <div class="visit-bar">
                    <p class="visit-progress" role="status">{ words.visit_progress(checked, people) }</p>
                    if taps.noted.can_undo {
                        <Button look={Look::Small} label={words.visit_undo()} on_click={
                            let send = taps.send.clone();
                            move |()| send.emit(Step::Undo)
                        } />
                    }
                </div>
            }
            if people == 0 && works {
                <Empty title={words.visit_empty()} help={words.visit_empty_help()} />
            } else {
                <Roster rooms={view.rooms.clone()} answers={taps.noted.answers.clone()} {works} on_answer={
                    let send = taps.send.clone();
                    move |(person, result)| send.emit(Step::Answer { person, result })
                } />
            }
            if works {
                <div class="buttons">
                    <Button label={words.home_add_person()} on_click={on_add} />
                    <Button label={words.visit_show_notice()} on_click={show_notice(true)} />
                </div>
            }
            <GiveUp {unit} begun={taps.noted.begun_unix_ms.is_some() || !works} />
            if *notice {
                <NoticeSheet {on_shown} on_close={show_notice(false)} />
            }
            <Finish key={unit.to_string()} {unit} {works} unanswered={if works { people - checked } else { 0 }} on_all_here={
                let send = taps.send.clone();
                move |()| send.emit(Step::AllHere)
            } />
        </>
    }
}

/// People who need no tap any more.
fn checked(view: &VisitView, taps: &Taps) -> usize {
    let people = view.rooms.iter().flat_map(|room| &room.people);
    people.filter(|who| who.just_registered || taps.answer(who.person).is_some()).count()
}

/// A home that changed under the visitor's feet.
fn home_says(words: Words, view: &VisitView) -> Html {
    match view.home {
        HomeNow::Merged(id) => html! {
            <>
                <Banner tone={Tone::Wait} text={words.visit_merged()} />
                <Cells><LinkCell href={Route::Home { id }.href()} title={view.into.clone()} detail={words.merged_open()} /></Cells>
            </>
        },
        HomeNow::Known(UnitStatus::Closed) => html! { <Banner tone={Tone::Wait} text={words.visit_closed()} /> },
        HomeNow::Known(_) => Html::default(),
        HomeNow::TakenBack => html! { <Banner tone={Tone::Wait} text={words.visit_taken_back()} /> },
        HomeNow::Gone => html! { <Banner tone={Tone::Wait} text={words.visit_home_gone_help()} /> },
    }
}

/// Properties of [`GiveUp`].
#[derive(Properties, PartialEq)]
struct GiveUpProps {
    unit: RecordId,
    begun: bool,
}

/// Leaves a visit without telling anybody.
#[component(GiveUp)]
fn give_up(props: &GiveUpProps) -> Html {
    let words = use_words();
    let notices = use_notices();
    let navigator = use_navigator();
    let asking = use_state(|| false);
    let submit = use_submit::<DropVisit>(Callback::from(move |_| {
        notices.say(words.visit_given_up());
        if let Some(navigator) = &navigator {
            navigator.replace(&Route::First);
        }
    }));
    if !props.begun {
        return Html::default();
    }
    let show = |on: bool| {
        let asking = asking.setter();
        Callback::from(move |()| asking.set(on))
    };
    let unit = props.unit;
    html! {
        <div class="buttons">
            <Button look={Look::Warn} label={words.visit_give_up()} on_click={show(true)} />
            if *asking {
                <Dialog title={words.visit_give_up()} text={words.visit_give_up_ask()} confirm={words.visit_give_up()} warn=true busy={submit.state.is_busy()}
                    on_cancel={show(false)} on_confirm={
                        let send = submit.send.clone();
                        move |()| send.emit(DropVisit { unit })
                    }>
                    if let Some(error) = submit.state.error() {
                        <Trouble error={error.clone()} />
                    }
                </Dialog>
            }
        </div>
    }
}
