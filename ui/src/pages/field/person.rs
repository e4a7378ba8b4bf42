//! One person: who, how the registration stands, where they lived, what happened.

use std::rc::Rc;

use domain::RecordId;
use ui_protocol::Topic;
use ui_protocol::people::{Person as AskPerson, PersonView, ResidencyView, RevealDocument, Standing, UndoMistake};
use ui_protocol::units::ChangeState;
use yew::prelude::*;
use yew_router::prelude::*;

use super::extend::Extend;
use super::history::HistoryLink;
use super::people::standing_tone;
use super::permits::PermitSection;
use super::route::Route;
use super::same::OtherNames;
use super::visits::{Doubted, seen};
use crate::hooks::{use_call, use_frame, use_notices, use_submit};
use crate::parts::{
    Banner, Button, Cells, Dialog, DueTag, Fact, LinkCell, Look, PhoneLink, Screen, Tag, Tone, Trouble, answered,
};
use crate::words::{Words, use_words};

/// Properties of [`Person`].
#[derive(Properties, PartialEq)]
pub struct PersonProps {
    /// Who.
    pub id: RecordId,
}

/// The page of a person.
#[component(Person)]
pub fn person(props: &PersonProps) -> Html {
    let words = use_words();
    let id = props.id;
    let asked = use_call(AskPerson { id }, &[Topic::People, Topic::Units, Topic::Sync]);
    let standing = asked.answer.ready().map(|person| standing_of(person));
    let (aside, thumb) = match standing {
        Some(Standing::Active) => (
            html! { <a class="bar-link" href={Route::EditPerson { id }.href()}>{ words.edit() }</a> },
            html! { <a class="weui-btn button button-primary" href={Route::Move { id }.href()}>{ words.person_move() }</a> },
        ),
        Some(Standing::ToPlace) => (
            Html::default(),
            html! { <a class="weui-btn button button-primary" href={Route::Move { id }.href()}>{ words.person_place() }</a> },
        ),
        _ => (Html::default(), Html::default()),
    };
    html! {
        <Screen title={words.person_title()} back={Route::People.href()} {aside} {thumb}>
            { answered(&asked, |person| html! { <Ready person={person.clone()} /> }) }
        </Screen>
    }
}

/// How the newest registration stands.
pub fn standing_of(person: &PersonView) -> Standing {
    person.residencies.first().map_or(Standing::None, |residency| residency.standing)
}

/// Properties of [`Ready`].
#[derive(Properties, PartialEq)]
struct ReadyProps {
    person: Rc<PersonView>,
}

#[component(Ready)]
fn ready(props: &ReadyProps) -> Html {
    let words = use_words();
    let frame = use_frame();
    let (person, today) = (&props.person, frame.today());
    let standing = standing_of(person);
    html! {
        <>
            <div class="card">
                <p class="card-title">{ words.name_and_age(&person.name, person.age) }</p>
                <p class="card-tags">
                    <Tag text={words.standing(standing)} tone={standing_tone(standing)} />
                    if person.waiting {
                        <Tag text={words.waiting_mark()} tone={Tone::Wait} />
                    } else {
                        <Tag text={words.change_state(ChangeState::Answered)} tone={Tone::Good} />
                    }
                </p>
            </div>
            if standing == Standing::ToPlace {
                <Banner tone={Tone::Wait} text={words.person_to_place_help()} />
            }
            if standing == Standing::Cancelled {
                <Banner tone={Tone::Calm} text={words.person_restore_help()} />
            }
            if let Some(residency) = person.residencies.first() {
                <Doubted person={person.id} unit={person.form.unit} presence={residency.presence.clone()} />
            }
            <Cells>
                <Document person={person.clone()} />
                <Fact name={words.person_sex()} value={person.sex.map(|sex| words.label(sex)).unwrap_or_default()} />
                <Fact name={words.person_birth()} value={words.plain_day(&person.birth, today)} />
                <Fact name={words.person_hukou()} value={person.hukou.clone()} />
                <Fact name={words.field_phone()}>
                    if !person.phone.is_empty() {
                        <PhoneLink number={person.phone.clone()} />
                    } else if let Some(reason) = person.form.phone_none {
                        <span>{ words.label(reason) }</span>
                    }
                </Fact>
                <Fact name={words.person_guardian()} value={person.guardian.clone()} />
            </Cells>
            if person.residencies.is_empty() {
                <Cells title={words.person_registration()}><div class="weui-cell"><p class="quiet">{ words.person_no_registration() }</p></div></Cells>
            }
            { for person.residencies.iter().map(|residency| registration(words, residency, today)) }
            if !person.residencies.is_empty() {
                <PermitSection id={person.id} />
            }
            <OtherNames names={person.other_names.clone()} />
            <Actions person={person.clone()} />
            <HistoryLink id={person.id} />
        </>
    }
}

/// The masked number, and the whole one on a tap that is written down.
#[component(Document)]
fn document(props: &ReadyProps) -> Html {
    let words = use_words();
    let whole = use_state(|| None::<String>);
    let submit = use_submit::<RevealDocument>({
        let whole = whole.setter();
        Callback::from(move |reply: ui_protocol::people::RevealedDocument| whole.set(Some(reply.doc_no)))
    });
    let person = &props.person;
    let on_click = {
        let (whole, send, id) = (whole.clone(), submit.send.clone(), person.id);
        Callback::from(move |()| if whole.is_some() { whole.set(None) } else { send.emit(RevealDocument { person: id }) })
    };
    html! {
        <Fact name={words.label(person.doc_type)}>
            if !person.document.is_empty() {
                <span class="number">{ (*whole).clone().unwrap_or_else(|| person.document.clone()) }</span>
                <Button look={Look::Small} label={if whole.is_some() { words.hide() } else { words.reveal() }} busy={submit.state.is_busy()} {on_click} />
                <span class="quiet">{ words.reveal_help() }</span>
            } else if !person.form.identity_note.is_empty() {
                <span>{ &person.form.identity_note }</span>
            }
            if let Some(error) = submit.state.error() {
                <Trouble error={error.clone()} />
            }
        </Fact>
    }
}

fn registration(words: Words, residency: &ResidencyView, today: &str) -> Html {
    let day = |text: &str| if text.is_empty() { String::new() } else { words.day(text, today) };
    let due = residency.due.as_ref().filter(|_| residency.standing != Standing::Cancelled);
    html! {
        <>
            <Cells title={words.person_registration()} aside={html! { <Tag text={words.standing(residency.standing)} tone={standing_tone(residency.standing)} /> }}>
                <Fact name={words.person_registered_on()} value={day(&residency.registered_on)} />
                <Fact name={words.person_reported_on()} value={day(&residency.reported_on)} />
                <Fact name={words.person_due()} value={residency.due.as_ref().map(|due| words.day(&due.on, today)).unwrap_or_default()}>
                    if let Some(due) = due.filter(|_| residency.registered_on.is_empty()) {
                        <DueTag due={due.clone()} today={today.to_owned()} />
                    }
                    if residency.due.as_ref().is_some_and(|due| due.no_holiday_data) {
                        <span class="quiet">{ words.no_holiday_data() }</span>
                    }
                    if !residency.due_rule.is_empty() && residency.due.is_some() {
                        <span class="quiet">{ words.rule(&residency.due_rule) }</span>
                    }
                </Fact>
                <Fact name={words.person_intended_until()} value={day(&residency.intended_until)} />
                <Fact name={words.person_cancelled_why()} value={residency.cancel_reason.map(|reason| words.label(reason)).unwrap_or_default()} />
                <Fact name={words.person_left_on()} value={day(&residency.left_on)} />
                <Fact name={words.person_cancel_note()} value={residency.cancel_note.clone()} />
                <Fact name={words.person_handed_to()} value={residency.handed_to.clone()} />
                <Fact name={words.person_number()} value={residency.number.clone()} />
                <Fact name={words.person_notice()} value={words.notice_named(&residency.notice)} />
            </Cells>
            if residency.standing == Standing::Active {
                <Extend key={residency.intended_until.clone()} residency={residency.id} until={residency.intended_until.clone()} />
            }
            { seen(words, &residency.seen, today) }
            if !residency.stays.is_empty() {
                <Cells title={words.person_stays()}>
                    { for residency.stays.iter().map(|stay| html! {
                        <LinkCell href={Route::Home { id: stay.unit }.href()}
                            title={if stay.room.is_empty() { stay.home.clone() } else { format!("{} · {}", stay.home, words.room(&stay.room)) }}
                            detail={words.days(&stay.from, stay.to.as_deref(), today)}
                            tags={if stay.lessee { html! { <Tag text={words.home_lessee()} /> } } else { Html::default() }} />
                    }) }
                </Cells>
            }
        </>
    }
}

#[component(Actions)]
fn actions(props: &ReadyProps) -> Html {
    let words = use_words();
    let notices = use_notices();
    let navigator = use_navigator();
    let asking = use_state(|| false);
    let person = &props.person;
    let id = person.id;
    let undo = use_submit::<UndoMistake>(Callback::from(move |_| {
        if let Some(navigator) = &navigator {
            navigator.replace(&Route::People);
        }
        notices.say(words.person_undone());
    }));
    let standing = standing_of(person);
    let stands = matches!(standing, Standing::Active | Standing::ToPlace);
    if !stands && !person.can_undo {
        return Html::default();
    }
    let show = |on: bool| {
        let asking = asking.setter();
        Callback::from(move |()| asking.set(on))
    };
    html! {
        <section class="group">
            <div class="group-head"><h2 class="weui-cells__title">{ words.home_actions() }</h2></div>
            <div class="buttons">
                if stands {
                    <a class="weui-btn button button-plain" href={Route::HandOver { id }.href()}>{ words.person_hand_over() }</a>
                    <a class="weui-btn button button-warn" href={Route::Leave { id }.href()}>{ words.person_leave() }</a>
                }
                if person.can_undo {
                    <Button look={Look::Warn} label={words.person_mistake()} on_click={show(true)} />
                }
            </div>
            if *asking {
                <Dialog title={words.person_mistake()} text={words.person_mistake_ask()} confirm={words.undo()} warn=true busy={undo.state.is_busy()}
                    on_cancel={show(false)} on_confirm={
                        let send = undo.send.clone();
                        move |()| send.emit(UndoMistake { record: id })
                    }>
                    if let Some(error) = undo.state.error() {
                        <Trouble error={error.clone()} />
                    }
                </Dialog>
            }
        </section>
    }
}
