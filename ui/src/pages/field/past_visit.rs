//! A finished visit: what was found, what to do about it, and next door.

use std::rc::Rc;

use domain::RecordId;
use domain::codes::{VisitPersonResult, VisitResult};
use ui_protocol::Topic;
use ui_protocol::visits::{CorrectAnswer, FollowUp, Found, PastVisit as AskVisit, PastVisitView};
use yew::prelude::*;

use super::empty_home::EmptyHomeSection;
use super::history::HistoryLink;
use super::route::Route;
use super::taking_back::{LetStand, TakeBack, taken_back};
use crate::hooks::{use_call, use_frame, use_notices, use_submit};
use crate::parts::{Banner, Button, Cells, Fact, LinkCell, Look, Screen, Tag, Tone, Trouble, answered};
use crate::words::{Words, use_words};

/// Properties of [`PastVisit`].
#[derive(Properties, PartialEq)]
pub struct PastVisitProps {
    /// Which.
    pub id: RecordId,
}

/// The page of a finished visit.
#[component(PastVisit)]
pub fn past_visit(props: &PastVisitProps) -> Html {
    let words = use_words();
    let frame = use_frame();
    let asked = use_call(AskVisit { visit: props.id }, &[Topic::Units, Topic::People, Topic::Sync]);
    let (back, thumb) = match asked.answer.ready() {
        None => (Route::Homes, Html::default()),
        Some(view) => (Route::Home { id: view.unit }, onwards(words, view)),
    };
    html! {
        <Screen title={words.visit_finished()} back={back.href()} {thumb}>
            { answered(&asked, |view| ready(words, props.id, view, frame.today())) }
        </Screen>
    }
}

/// The next door, and back to this one.
fn onwards(words: Words, view: &PastVisitView) -> Html {
    html! {
        <>
            if let Some(next) = &view.next_door {
                <a class="weui-btn button button-primary" href={Route::Visit { id: next.unit }.href()}>
                    { format!("{} · {}", words.visit_next_door(), next.title) }
                </a>
            }
            <a class="weui-btn button button-plain" href={Route::Home { id: view.unit }.href()}>{ words.visit_to_home() }</a>
        </>
    }
}

fn ready(words: Words, visit: RecordId, view: &Rc<PastVisitView>, today: &str) -> Html {
    let row = &view.row;
    let asked_for: Vec<(&Found, FollowUp)> = view.people.iter().filter_map(|found| Some((found, found.next?))).collect();
    html! {
        <>
            <div class="card">
                <p class="card-title">{ if view.title.is_empty() { words.visit_home_gone() } else { view.title.as_str() } }</p>
                <p class="card-tags">
                    <Tag text={words.label(row.result)} tone={result_tone(row.result)} />
                    if row.scanned {
                        <Tag text={words.visit_scanned()} />
                    }
                    if row.withdrawn {
                        <Tag text={words.taken_back_mark()} tone={Tone::Bad} />
                    }
                    if row.waiting {
                        <Tag text={words.waiting_mark()} tone={Tone::Wait} />
                    } else {
                        <Tag text={words.change_state(ui_protocol::units::ChangeState::Answered)} tone={Tone::Good} />
                    }
                </p>
            </div>
            if row.withdrawn {
                { taken_back(words) }
            }
            if row.clock_suspect {
                <Banner tone={Tone::Wait} text={words.visit_clock()} />
            }
            if let Some(empty) = view.empty.as_ref().filter(|_| !row.withdrawn) {
                <EmptyHomeSection id={view.unit} empty={empty.clone()} />
            }
            if !asked_for.is_empty() {
                <Cells title={words.visit_follow_up()}>
                    { for asked_for.into_iter().map(|(found, next)| follow_up(words, found, next)) }
                </Cells>
            }
            <Cells>
                <Fact name={words.visit_at()} value={words.moment(row.observed_unix_ms, today)} />
                <Fact name={words.visit_by()} value={words.visitor(&row.by)} />
                if !view.notice.is_empty() {
                    <Fact name={words.visit_notice_shown()} value={words.notice_named(&view.notice)} />
                }
                if let Some(next) = &row.next {
                    <Fact name={words.visit_next()} value={words.next_visit(next, today)} />
                }
                <Fact name={words.visit_note_was()} value={view.note.clone()} />
            </Cells>
            if row.result == VisitResult::NoAnswer {
                <div class="buttons">
                    <a class="weui-btn button button-plain" href={Route::LeaveNote { id: visit }.href()}>{ words.leave_note_make() }</a>
                </div>
            }
            <Cells title={words.visit_people()}>
                { for view.people.iter().map(|found| html! {
                    <Answer key={found.fact.to_string()} found={found.clone()} fixed={row.withdrawn} asked={is_asked(view, found)} />
                }) }
                if view.people.is_empty() {
                    <div class="weui-cell"><p class="quiet">{ words.visit_nobody() }</p></div>
                }
            </Cells>
            if row.may_take_back {
                <TakeBack key={visit.to_string()} id={visit} kind={domain::kind::VISIT} />
            }
            if row.may_let_stand {
                <LetStand id={visit} />
            }
            <HistoryLink id={visit} />
        </>
    }
}

/// Whether the home asks about this answer: nobody was met there, and somebody is registered.
fn is_asked(view: &PastVisitView, found: &Found) -> bool {
    view.empty.iter().flat_map(|empty| &empty.people).any(|one| one.fact == Some(found.fact))
}

/// The colour beside a result.
pub fn result_tone(result: VisitResult) -> Tone {
    match result {
        VisitResult::Done => Tone::Good,
        VisitResult::NoAnswer | VisitResult::Refused => Tone::Wait,
        _ => Tone::Calm,
    }
}

fn follow_up(words: Words, found: &Found, next: FollowUp) -> Html {
    let id = found.person;
    let route = match next {
        FollowUp::Change => Route::EditPerson { id },
        FollowUp::Move => Route::Move { id },
        FollowUp::End => Route::Leave { id },
    };
    let title = format!("{} · {}", found.name, words.follow_up(next, found.result));
    html! {
        <>
            <LinkCell href={route.href()} {title} detail={words.label(found.result)} />
            // Another village has to open the stay there.
            if found.result == VisitPersonResult::MovedInCounty {
                <LinkCell href={Route::HandOver { id }.href()} title={format!("{} · {}", found.name, words.person_hand_over())} detail={words.label(found.result)} />
            }
        </>
    }
}

/// Properties of [`Answer`].
#[derive(Properties, PartialEq)]
struct AnswerProps {
    found: Found,
    /// The visit was taken back: there is nothing to correct.
    fixed: bool,
    /// Registered in a home that was said to be empty: what about them?
    asked: bool,
}

/// One answer, and another one instead when it was a slip.
#[component(Answer)]
fn answer(props: &AnswerProps) -> Html {
    let words = use_words();
    let notices = use_notices();
    let open = use_state(|| props.asked);
    let submit = use_submit::<CorrectAnswer>({
        let open = open.setter();
        Callback::from(move |_| {
            open.set(false);
            notices.say(words.visit_correct_done());
        })
    });
    let found = &props.found;
    let name = if found.name.is_empty() { words.visit_name_gone().to_owned() } else { found.name.clone() };
    let fact = found.fact;
    html! {
        <div class="check-item" role="group" aria-label={name.clone()}>
            <p class="check-name">
                if found.name.is_empty() {
                    <span>{ name }</span>
                } else {
                    <a class="check-link" href={Route::Person { id: found.person }.href()}>{ name }</a>
                }
                <Tag text={words.label(found.result)} />
                if found.corrected {
                    <Tag text={words.visit_corrected()} tone={Tone::Wait} />
                }
                if !props.fixed {
                    <Button look={Look::Small} label={words.visit_correct()} on_click={
                        let (open, now) = (open.setter(), *open);
                        move |()| open.set(!now)
                    } />
                }
            </p>
            if *open {
                <div class="taps">
                    { for VisitPersonResult::ALL.iter().filter(|result| **result != found.result).map(|result| {
                        let (send, result) = (submit.send.clone(), *result);
                        let onclick = Callback::from(move |_: MouseEvent| send.emit(CorrectAnswer { fact, result }));
                        html! { <button type="button" class="tap" {onclick}>{ words.label(result) }</button> }
                    }) }
                </div>
            }
            if let Some(error) = submit.state.error() {
                <Trouble error={error.clone()} />
            }
        </div>
    }
}
