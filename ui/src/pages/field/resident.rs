//! Registering and changing a resident: the document first, and only the few fields of the minimum record.

use std::rc::Rc;

use domain::RecordId;
use domain::codes::{IntendedStay, PhoneNoneReason, PlaceKind, Reason, Relation, Sex};
use domain::form::{FieldProblem, may_save, parse_date};
use domain::id_document::DocType;
use domain::person::{GUARDIAN_UNDER_YEARS, ResidentForm, age_years};
use ui_protocol::lookups::NoticeText;
use ui_protocol::people::{ChangeResident, DocumentCheck, Person as AskPerson, SaveResident, SavedResident};
use ui_protocol::reports::{Verified, VerifyReport};
use ui_protocol::units::{Unit, UnitView};
use ui_protocol::{ErrorCode, Topic};
use yew::prelude::*;
use yew_router::prelude::*;

use super::document::{KnownPeople, use_document_check};
use super::picks::RegionPick;
use super::restored::restored;
use super::route::Route;
use super::undo::use_undo;
use crate::hooks::{Submission, use_call, use_checks, use_draft, use_frame, use_notices, use_submit};
use crate::parts::{
    Banner, Button, Cells, Choices, DateField, DueTag, Empty, Fold, InputKind, Look, NoteField, Screen, SelectField, Sheet, Skeleton, TextField, Tone,
    Trouble, answered, focus, focus_first_problem, options,
};
use crate::words::{Label, Language, use_words};

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
}

/// Registering somebody in a home.
#[component(AddPerson)]
pub fn add_person(props: &ResidentProps) -> Html {
    let words = use_words();
    let frame = use_frame();
    let today = frame.today().to_owned();
    let fresh = ResidentForm { unit: Some(props.id), arrival_on: today.clone(), declared_on: today, ..ResidentForm::default() };
    html! {
        <Screen title={words.person_new_title()} back={Route::Home { id: props.id }.href()}>
            <Editor purpose={Purpose::Add} unit={props.id} {fresh} />
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
    let undo = use_undo();
    let (purpose, unit) = (props.purpose, props.unit);
    let home = use_call(Unit { id: unit }, &[Topic::Units]);
    let key = match purpose {
        Purpose::Add => format!("resident:{unit}"),
        Purpose::Change(person) => format!("person:{person}"),
        Purpose::Verify(report) => format!("verify:{report}"),
    };
    let draft = use_draft::<ResidentForm>(key, props.fresh.clone());
    let checks = use_checks::<ResidentForm>();
    let found = use_document_check(&draft, frame.today_date());
    let although = use_state(|| false);
    let done = use_state(|| None::<Done>);
    let notice_shown = use_state(|| false);

    let saved = {
        let (draft, done, notices, undo) = (draft.clone(), done.setter(), notices.clone(), undo.clone());
        Callback::from(move |saved: SavedResident| {
            draft.finish();
            let name = draft.form().name.clone();
            if let Some(person) = saved.person {
                let undo = undo.clone();
                let take_back = Callback::from(move |()| undo.emit((person, Route::Home { id: unit })));
                notices.say_with(words.registered(&name), words.undo(), take_back);
            }
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
        let although = although.setter();
        move |_: &String| although.set(false)
    });

    if let Some(finished) = &*done {
        let on_another = {
            let (draft, checks, done, today) = (draft.clone(), checks.clone(), done.setter(), frame.today().to_owned());
            Callback::from(move |()| {
                let next = {
                    let form = draft.form();
                    ResidentForm {
                        unit: form.unit,
                        room: form.room,
                        arrival_on: form.arrival_on.clone(),
                        declared_on: today.clone(),
                        ..ResidentForm::default()
                    }
                };
                draft.start_again(next);
                checks.begin_again();
                done.set(None);
            })
        };
        let on_another = (purpose == Purpose::Add).then_some(on_another);
        return html! { <Finished name={finished.name.clone()} saved={finished.saved.clone()} {unit} {on_another} /> };
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
    let undecided = !known.is_empty() && !*although;
    let referral = form.doc_type.referral().is_some();

    let onsubmit = {
        let (draft, checks, notices, although) = (draft.clone(), checks.clone(), notices.clone(), *although);
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
                Purpose::Add => save.emit(SaveResident { form, although_known: although, draft: Some(draft.key()) }),
                Purpose::Change(person) => change.emit(ChangeResident { person, form, draft: Some(draft.key()) }),
                Purpose::Verify(id) => verify.emit(VerifyReport { id, resident: Some(form), leaving: None, cancel: None, although_known: although }),
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
    let fields = Fields { draft: draft.clone(), problems, found: found.clone(), masked_as_it_was };
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
            <KnownPeople {known} {unit} although={*although} on_other={
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
            if is_child(&form, frame.today_date()) && !referral {
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
                <NoticeSheet on_close={show_notice(false)} />
            }
            <div class="thumb">
                <Button look={Look::Primary} submits=true label={verb} busy={state.is_busy()} busy_label={words.saving()} />
            </div>
        </form>
    }
}

type Checks = crate::hooks::Checks<ResidentForm>;
type Draft = crate::hooks::Draft<ResidentForm>;
type Words = crate::words::Words;

/// What the sections of the form share.
struct Fields {
    draft: Draft,
    problems: Vec<FieldProblem>,
    found: Option<Rc<DocumentCheck>>,
    masked_as_it_was: bool,
}

fn is_child(form: &ResidentForm, today: chrono::NaiveDate) -> bool {
    parse_date(&form.birth).is_some_and(|birth| birth <= today && age_years(birth, today) < GUARDIAN_UNDER_YEARS)
}

fn document_section(words: Words, fields: &Fields, checks: &Checks) -> Html {
    let (draft, form) = (&fields.draft, fields.draft.form());
    let said = |field: &str| checks.said(words, &fields.problems, field);
    let left = checks.left();
    let warning = fields.found.as_ref().and_then(|found| found.warning);
    let hint = match (fields.masked_as_it_was, &fields.found, warning) {
        (true, ..) => words.document_unchanged(),
        (_, _, Some(warning)) => words.document_warning(warning),
        (_, Some(_), _) => words.document_good(),
        _ => "",
    };
    html! {
        <Cells title={words.section_document()}>
            <SelectField id="doc_type" label={words.field_doc_type()} value={form.doc_type.stored()} choices={options::<DocType>(words)} said={said("doc_type")}
                on_change={draft.set(|form, code| if let Some(doc_type) = DocType::read(&code) { form.doc_type = doc_type })} />
            if form.doc_type == DocType::None {
                <NoteField id="identity_note" label={words.field_identity_note()} value={form.identity_note.clone()} required=true said={said("identity_note")}
                    hint={words.field_identity_note_hint()} on_change={draft.set(|form, text| form.identity_note = text)} on_leave={left} />
            } else {
                <TextField id="doc_no" label={words.field_doc_no()} kind={InputKind::Document} value={form.doc_no.clone()} required=true said={said("doc_no")} {hint}
                    on_change={draft.set(|form, text| form.doc_no = text)} on_leave={left} />
            }
        </Cells>
    }
}

fn person_section(words: Words, fields: &Fields, checks: &Checks, today: &str, referral: bool) -> Html {
    let (draft, form) = (&fields.draft, fields.draft.form());
    let said = |field: &str| checks.said(words, &fields.problems, field);
    let left = checks.left();
    let suggestion = fields
        .found
        .as_ref()
        .filter(|_| form.hukou_region.is_empty())
        .and_then(|found| found.region.clone().map(|code| (code, found.region_name.clone())))
        .filter(|(_, name)| !name.is_empty());
    html! {
        <Cells title={words.section_person()}>
            <TextField id="name" label={words.field_name()} value={form.name.clone()} required=true said={said("name")}
                on_change={draft.set(|form, text| form.name = text)} on_leave={left.clone()} />
            <SelectField id="sex" label={words.field_sex()} value={form.sex.map(Label::stored).unwrap_or_default()} choices={options::<Sex>(words)} none={words.choose()}
                required=true said={said("sex")} on_change={draft.set(|form, code| form.sex = Sex::read(&code))} on_leave={left.clone()} />
            <DateField id="birth" label={words.field_birth()} value={form.birth.clone()} today={today.to_owned()} plain=true required=true said={said("birth")}
                on_change={draft.set(|form, text| form.birth = text)} on_leave={left.clone()} />
            if !referral {
                <RegionPick id="hukou_region" label={words.field_hukou_region()} code={form.hukou_region.clone()} said={said("hukou_region")}
                    hint={words.field_hukou_region_hint()} on_change={draft.set(|form, code| form.hukou_region = code)} on_leave={left.clone()} />
                if let Some((code, name)) = suggestion {
                    <div class="weui-cell suggestion">
                        <button type="button" class="suggestion-button" onclick={
                            let draft = draft.clone();
                            move |_| draft.change(|form| form.hukou_region = code.clone())
                        }>{ name }</button>
                        <span class="quiet">{ words.region_suggest() }</span>
                    </div>
                }
            }
            <TextField id="phone" label={words.field_phone()} kind={InputKind::Phone} value={form.phone.clone()} required={!referral} said={said("phone")}
                on_change={draft.set(|form, text| form.phone = text)} on_leave={left.clone()} />
            if form.phone.trim().is_empty() && !referral {
                <SelectField id="phone_none" label={words.field_phone_none()} value={form.phone_none.map(Label::stored).unwrap_or_default()}
                    choices={options::<PhoneNoneReason>(words)} none={words.field_phone_none_no()}
                    on_change={draft.set(|form, code| form.phone_none = PhoneNoneReason::read(&code))} on_leave={left} />
            }
        </Cells>
    }
}

fn guardian_section(words: Words, fields: &Fields, checks: &Checks) -> Html {
    let (draft, form) = (&fields.draft, fields.draft.form());
    let said = |field: &str| checks.said(words, &fields.problems, field);
    let left = checks.left();
    html! {
        <Cells title={words.section_guardian()}>
            <TextField id="guardian_name" label={words.field_guardian_name()} value={form.guardian_name.clone()} required=true said={said("guardian_name")}
                on_change={draft.set(|form, text| form.guardian_name = text)} on_leave={left.clone()} />
            <TextField id="guardian_phone" label={words.field_guardian_phone()} kind={InputKind::Phone} value={form.guardian_phone.clone()}
                said={said("guardian_phone")} on_change={draft.set(|form, text| form.guardian_phone = text)} on_leave={left} />
        </Cells>
    }
}

fn stay_section(words: Words, fields: &Fields, checks: &Checks, today: &str, home: Option<&Rc<UnitView>>, referral: bool) -> Html {
    let (draft, form) = (&fields.draft, fields.draft.form());
    let said = |field: &str| checks.said(words, &fields.problems, field);
    let left = checks.left();
    let rooms: Choices = home.map(|home| room_choices(home)).unwrap_or_default();
    html! {
        <Cells title={words.section_stay()}>
            if !rooms.is_empty() {
                <SelectField id="room" label={words.field_room()} value={form.room.map(|room| room.to_string()).unwrap_or_default()} choices={rooms}
                    none={words.field_room_none()} said={said("room")} on_change={draft.set(|form, id| form.room = id.parse().ok())} />
            }
            <DateField id="arrival_on" label={words.field_arrival_on()} value={form.arrival_on.clone()} today={today.to_owned()} required=true said={said("arrival_on")}
                on_change={draft.set(|form, text| form.arrival_on = text)} on_leave={left.clone()} />
            if !referral {
                <SelectField id="reason" label={words.field_reason()} value={form.reason.map(Label::stored).unwrap_or_default()} choices={options::<Reason>(words)}
                    none={words.choose()} required=true said={said("reason")} on_change={draft.set(|form, code| form.reason = Reason::read(&code))} on_leave={left.clone()} />
                <SelectField id="intended" label={words.field_intended()} value={form.intended.map(Label::stored).unwrap_or_default()}
                    choices={options::<IntendedStay>(words)} none={words.choose()} required=true said={said("intended")}
                    on_change={draft.set(|form, code| form.intended = IntendedStay::read(&code))} on_leave={left.clone()} />
                <SelectField id="relation" label={words.field_relation()} value={form.relation.map(Label::stored).unwrap_or_default()}
                    choices={options::<Relation>(words)} none={words.choose()} required=true said={said("relation")}
                    on_change={draft.set(|form, code| {
                        form.relation = Relation::read(&code);
                        form.lessee = form.relation == Some(Relation::Lessee);
                    })} on_leave={left} />
            }
        </Cells>
    }
}

/// The rooms of a home, to choose from.
pub fn room_choices(home: &UnitView) -> Choices {
    home.rooms.iter().filter_map(|room| room.id.map(|id| (AttrValue::from(id.to_string()), AttrValue::from(room.label.clone())))).collect()
}

fn more_section(words: Words, fields: &Fields, checks: &Checks, today: &str) -> Html {
    let (draft, form) = (&fields.draft, fields.draft.form());
    let said = |field: &str| checks.said(words, &fields.problems, field);
    let left = checks.left();
    let open = ["hukou_address", "employer", "declared_on"].iter().any(|field| said(field).is_some());
    html! {
        <Fold title={words.more_fields()} {open}>
            <TextField id="hukou_address" label={words.field_hukou_address()} value={form.hukou_address.clone()} said={said("hukou_address")}
                on_change={draft.set(|form, text| form.hukou_address = text)} on_leave={left.clone()} />
            <TextField id="employer" label={words.field_employer()} value={form.employer.clone()} said={said("employer")}
                on_change={draft.set(|form, text| form.employer = text)} on_leave={left.clone()} />
            <SelectField id="place_kind" label={words.field_place_kind()} value={form.place_kind.stored()} choices={options::<PlaceKind>(words)}
                on_change={draft.set(|form, code| if let Some(kind) = PlaceKind::read(&code) { form.place_kind = kind })} />
            <DateField id="declared_on" label={words.field_declared_on()} value={form.declared_on.clone()} today={today.to_owned()} said={said("declared_on")}
                hint={words.field_declared_on_hint()} on_change={draft.set(|form, text| form.declared_on = text)} on_leave={left} />
        </Fold>
    }
}

/// Properties of [`NoticeSheet`].
#[derive(Properties, PartialEq)]
struct NoticeSheetProps {
    on_close: Callback<()>,
}

/// What the resident is told before anything is asked.
#[component(NoticeSheet)]
fn notice_sheet(props: &NoticeSheetProps) -> Html {
    let words = use_words();
    let asked = use_call(NoticeText {}, &[]);
    html! {
        <Sheet title={words.notice_title()} on_close={props.on_close.clone()}>
            { answered(&asked, |notice| html! {
                <>
                    { for words_of(words, &notice.zh, &notice.en).lines().map(|line| html! { <p>{ line }</p> }) }
                    <p class="quiet">{ words.notice_version() }{ " " }{ &notice.version }</p>
                </>
            }) }
        </Sheet>
    }
}

fn words_of<'a>(words: Words, chinese: &'a str, english: &'a str) -> &'a str {
    if words.language() == Language::English && !english.is_empty() { english } else { chinese }
}

/// Properties of [`Finished`].
#[derive(Properties, PartialEq)]
struct FinishedProps {
    name: String,
    saved: Rc<SavedResident>,
    unit: RecordId,
    on_another: Option<Callback<()>>,
}

/// What came of it, and the next person of the same home.
#[component(Finished)]
fn finished(props: &FinishedProps) -> Html {
    let words = use_words();
    let frame = use_frame();
    let referral = props.saved.referral.as_ref();
    html! {
        <div class="finished">
            <p class="finished-title">{ if referral.is_some() { words.referral_saved().to_owned() } else { words.registered(&props.name) } }</p>
            if let Some((_, due)) = referral {
                <p><DueTag due={due.clone()} today={frame.today().to_owned()} /></p>
                <p>{ words.referral_help() }</p>
            } else {
                <p>{ words.saved_person_help() }</p>
            }
            { for props.saved.warnings.iter().map(|warning| html! { <Banner tone={Tone::Wait} text={words.problem(&warning.problem)} /> }) }
            <div class="thumb">
                if let Some(on_another) = &props.on_another {
                    <Button look={Look::Primary} label={words.add_another()} on_click={on_another.clone()} />
                }
                if let Some(person) = props.saved.person {
                    <a class="weui-btn button button-plain" href={Route::Person { id: person }.href()}>{ words.to_person() }</a>
                }
                <a class="weui-btn button button-plain" href={Route::Home { id: props.unit }.href()}>{ words.to_home() }</a>
            </div>
        </div>
    }
}
