//! Registering and changing a resident: the document first, and only the few fields of the minimum record.

use std::rc::Rc;

use domain::RecordId;
use domain::form::may_save;
use domain::person::ResidentForm;
use ui_protocol::people::{ChangeResident, NewResident, Person as AskPerson, SaveResident, SavedResident};
use ui_protocol::reports::{Verified, VerifyReport};
use ui_protocol::units::Unit;
use ui_protocol::{ErrorCode, Topic};
use yew::prelude::*;
use yew_router::prelude::*;

use super::county::InCounty;
use super::document::{KnownPeople, use_document_check};
use super::resident_done::{Finished, NoticeSheet};
use super::resident_sections::{Fields, document_section, guardian_section, more_section, person_section, stay_section};
use super::restored::restored;
use super::route::Route;
use crate::hooks::{Submission, use_call, use_checks, use_draft_of_record, use_frame, use_notices, use_submit};
use crate::parts::{Banner, Button, Empty, Look, Screen, Skeleton, Tone, Trouble, answered, focus, focus_first_problem};
use crate::words::use_words;

/// What the form is for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Purpose {
    /// Registering somebody.
    Add,
    /// Changing somebody.
    Change(RecordId),
    /// Registering somebody a landlord reported.
    Verify(RecordId),
}

/// Properties of [`AddPerson`] and [`EditPerson`].
#[derive(Properties, PartialEq)]
pub struct ResidentProps {
    /// The home, or the person.
    pub id: RecordId,
    /// It is in the middle of a visit, which goes on afterwards.
    #[prop_or_default]
    pub in_visit: bool,
}

/// Registering somebody in a home.
#[component(AddPerson)]
pub fn add_person(props: &ResidentProps) -> Html {
    let words = use_words();
    let asked = use_call(NewResident { unit: props.id }, &[Topic::Units]);
    html! {
        <Screen title={words.person_new_title()} back={if props.in_visit { Route::Visit { id: props.id } } else { Route::Home { id: props.id } }.href()}>
            { answered(&asked, |offers| html! {
                <Editor purpose={Purpose::Add} unit={props.id} fresh={offers.form.clone()} in_visit={props.in_visit} />
            }) }
        </Screen>
    }
}

/// Changing somebody.
#[component(EditPerson)]
pub fn edit_person(props: &ResidentProps) -> Html {
    let words = use_words();
    let id = props.id;
    let asked = use_call(AskPerson { id }, &[Topic::People]);
    html! {
        <Screen title={words.person_edit_title()} back={Route::Person { id }.href()}>
            { answered(&asked, |person| match person.form.unit {
                Some(unit) => html! { <Editor purpose={Purpose::Change(id)} {unit} fresh={person.form.clone()} /> },
                None => html! { <Empty title={words.person_to_place_help()} /> },
            }) }
        </Screen>
    }
}

/// Properties of [`Editor`].
#[derive(Properties, PartialEq)]
pub struct EditorProps {
    /// What for.
    pub purpose: Purpose,
    /// The home.
    pub unit: RecordId,
    /// The form as it begins.
    pub fresh: ResidentForm,
    /// It is in the middle of a visit.
    #[prop_or_default]
    pub in_visit: bool,
}

/// Somebody was registered.
#[derive(Clone)]
struct Done {
    name: String,
    saved: Rc<SavedResident>,
}

/// The form of a resident.
#[component(Editor)]
pub fn editor(props: &EditorProps) -> Html {
    let words = use_words();
    let frame = use_frame();
    let notices = use_notices();
    let navigator = use_navigator();
    let (purpose, unit) = (props.purpose, props.unit);
    let home = use_call(Unit { id: unit }, &[Topic::Units]);
    let offers = use_call(NewResident { unit }, &[Topic::People]);
    let key = match purpose {
        Purpose::Add => format!("resident:{unit}"),
        Purpose::Change(person) => format!("person:{person}"),
        Purpose::Verify(report) => format!("verify:{report}"),
    };
    let draft = use_draft_of_record::<ResidentForm>(key, props.fresh.clone(), matches!(purpose, Purpose::Change(_)));
    let checks = use_checks::<ResidentForm>();
    let found = use_document_check(&draft, frame.today_date());
    let although = use_state(|| false);
    let returning = use_state(|| None::<RecordId>);
    let done = use_state(|| None::<Done>);
    let notice_shown = use_state(|| false);

    let saved = {
        let (draft, done) = (draft.clone(), done.setter());
        Callback::from(move |saved: SavedResident| {
            draft.finish();
            let name = draft.form().name.clone();
            done.set(Some(Done { name, saved: Rc::new(saved) }));
        })
    };
    let save = use_submit::<SaveResident>(saved.clone());
    let change = use_submit::<ChangeResident>({
        let (draft, notices, navigator) = (draft.clone(), notices.clone(), navigator.clone());
        Callback::from(move |_| {
            draft.finish();
            notices.say(words.saved_waiting());
            if let (Purpose::Change(id), Some(navigator)) = (purpose, &navigator) {
                navigator.replace(&Route::Person { id });
            }
        })
    });
    let verify = use_submit::<VerifyReport>({
        let (draft, notices) = (draft.clone(), notices.clone());
        Callback::from(move |verified: Verified| {
            draft.finish_and_forget();
            match verified.resident {
                Some(resident) => saved.emit(resident),
                None => {
                    notices.say(words.verify_done());
                    if let Some(navigator) = &navigator {
                        navigator.replace(&Route::First);
                    }
                }
            }
        })
    });
    let state: Submission = match purpose {
        Purpose::Add => save.state.clone(),
        Purpose::Change(_) => change.state.clone(),
        Purpose::Verify(_) => verify.state.clone(),
    };
    // Another number may be another person: what was decided about the last one does not hold.
    use_effect_with(draft.form().doc_no.clone(), {
        let (although, returning) = (although.setter(), returning.setter());
        move |_: &String| {
            although.set(false);
            returning.set(None);
        }
    });

    // A form nobody has typed into begins with the number: the keys are there before the first tap.
    use_effect_with(draft.is_loaded(), {
        let begins = purpose == Purpose::Add && !draft.is_restored();
        move |loaded: &bool| {
            if *loaded && begins {
                focus("#doc_no");
            }
        }
    });

    if let Some(finished) = &*done {
        let next = |next: fn(&ResidentForm, chrono::NaiveDate) -> ResidentForm| {
            let (draft, checks, done, today) = (draft.clone(), checks.clone(), done.setter(), frame.today_date());
            let on_next = Callback::from(move |()| {
                let form = next(&draft.form(), today);
                draft.start_again(form);
                checks.begin_again();
                done.set(None);
                focus("#doc_no");
            });
            (purpose == Purpose::Add).then_some(on_next)
        };
        // Whoever is handed to the station has told nothing that a family could share.
        let on_family = next(ResidentForm::next_of_family).filter(|_| finished.saved.person.is_some());
        let on_another = next(ResidentForm::next_in_home);
        return html! {
            <Finished name={finished.name.clone()} saved={finished.saved.clone()} {unit} {on_family} {on_another} in_visit={props.in_visit} />
        };
    }
    if !draft.is_loaded() {
        return html! { <Skeleton /> };
    }

    let form = draft.form().clone();
    let masked_as_it_was = form.doc_no.contains('*') && form.doc_no == props.fresh.doc_no;
    let check = {
        let today = frame.today_date();
        move |form: &ResidentForm| {
            let mut problems = form.check(today, |_| true);
            if masked_as_it_was {
                // The device puts the number it holds in place of a mask.
                problems.retain(|problem| problem.field != "doc_no");
            }
            problems
        }
    };
    let own_problems = check(&form);
    let stops = !may_save(&own_problems);
    let problems = checks.with_answer(own_problems, &form, state.error());
    let known: Vec<_> = found
        .as_ref()
        .map(|found| found.known.iter().filter(|known| purpose != Purpose::Change(known.person)).cloned().collect())
        .unwrap_or_default();
    let undecided = !known.is_empty() && !*although && returning.is_none();
    let referral = form.doc_type.referral().is_some();
    // Somebody new here, with a whole number: perhaps another village has them.
    let asks_county = matches!(purpose, Purpose::Add | Purpose::Verify(_))
        && !referral
        && found.as_ref().is_some_and(|found| found.problem.is_none() && found.known.is_empty());

    let onsubmit = {
        let (draft, checks, notices) = (draft.clone(), checks.clone(), notices.clone());
        let (although, returning) = (*although, *returning);
        let (save, change, verify) = (save.send.clone(), change.send.clone(), verify.send.clone());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            if stops {
                checks.tell_all();
                focus_first_problem();
                return;
            }
            if undecided {
                notices.say(words.known_decide());
                focus(".known");
                return;
            }
            let form = draft.form().clone();
            checks.sent(&form);
            match purpose {
                Purpose::Add => save.emit(SaveResident { form, although_known: although, returning, draft: Some(draft.key()) }),
                Purpose::Change(person) => change.emit(ChangeResident { person, form, draft: Some(draft.key()) }),
                Purpose::Verify(id) => verify.emit(VerifyReport {
                    id,
                    resident: Some(form),
                    leaving: None,
                    cancel: None,
                    although_known: although,
                    returning,
                }),
            }
        })
    };
    let show_notice = |on: bool| {
        let notice_shown = notice_shown.setter();
        Callback::from(move |()| notice_shown.set(on))
    };
    let verb = match (purpose, referral) {
        (_, true) => words.referral_save(),
        (Purpose::Verify(_), _) => words.verify_submit_in(),
        _ => words.save(),
    };
    let is_child = form.is_child(frame.today_date());
    let offers = offers.answer.ready().cloned();
    let fields = Fields {
        draft: draft.clone(),
        problems,
        found: found.clone(),
        masked_as_it_was,
        offers,
        is_child,
        changes: matches!(purpose, Purpose::Change(_)),
    };
    html! {
        <form {onsubmit} class="form" novalidate=true>
            { restored(words, &draft) }
            if let Some(error) = state.error() {
                if error.code == ErrorCode::InUse {
                    <Banner tone={Tone::Bad} text={words.known_title()} />
                } else {
                    <Trouble error={error.clone()} />
                }
            }
            if purpose != Purpose::Add || home.answer.ready().is_some() {
                <p class="form-about">{ home.answer.ready().map(|home| home.title.clone()).unwrap_or_default() }</p>
            }
            { document_section(words, &fields, &checks) }
            if returning.is_some() {
                <Banner tone={Tone::Calm} text={words.known_same_chosen()} />
            }
            if asks_county {
                <InCounty key={form.doc_no.clone()} doc_type={form.doc_type} doc_no={form.doc_no.clone()} />
            }
            <KnownPeople {known} {unit} although={*although || returning.is_some()} on_same={
                let returning = returning.setter();
                move |person| returning.set(Some(person))
            } on_other={
                let although = although.setter();
                move |()| although.set(true)
            } on_leave={
                let draft = draft.clone();
                move |()| draft.finish_and_forget()
            } />
            if referral {
                <Banner tone={Tone::Wait} text={format!("{}。{}", words.referral_title(), words.referral_help())} />
            }
            { person_section(words, &fields, &checks, frame.today(), referral) }
            if is_child && !referral {
                { guardian_section(words, &fields, &checks) }
            }
            { stay_section(words, &fields, &checks, frame.today(), home.answer.ready(), referral) }
            if !referral {
                { more_section(words, &fields, &checks, frame.today()) }
            }
            <div class="buttons">
                <Button label={words.notice_show()} on_click={show_notice(true)} />
            </div>
            if *notice_shown {
                <NoticeSheet on_close={show_notice(false)} on_shown={draft.set(|form, version| form.notice = version)} />
            }
            <div class="thumb">
                <Button look={Look::Primary} submits=true label={verb} busy={state.is_busy()} busy_label={words.saving()} />
            </div>
        </form>
    }
}
