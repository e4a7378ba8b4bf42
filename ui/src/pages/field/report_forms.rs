//! A landlord reports: somebody moved in, somebody moved out, nothing changed.

use std::rc::Rc;

use domain::RecordId;
use domain::codes::ReportKind;
use domain::form::{may_save, parse_date};
use domain::id_document::DocType;
use domain::report::ReportForm;
use ui_protocol::Topic;
use ui_protocol::reports::{DueFor, ListReports, ReportRow, ReportState, SaveReport, SavedReport};
use ui_protocol::today::DueView;
use ui_protocol::units::{ListUnits, Unit};
use yew::prelude::*;

use super::resident_sections::room_choices;
use super::restored::restored;
use super::route::Route;
use crate::hooks::{Checks, Draft, Listed, use_call, use_checks, use_draft, use_frame, use_pages, use_submit};
use crate::parts::{
    Banner, Button, Cells, Choices, DateField, DueTag, InputKind, Look, Screen, SelectField, Skeleton, TextField, Tone, Trouble,
    focus_first_problem, options,
};
use crate::words::{Label, Words, use_words};

/// Properties of the report pages.
#[derive(Properties, PartialEq)]
pub struct ReportFormProps {
    /// The home, when it was chosen already.
    #[prop_or_default]
    pub unit: Option<RecordId>,
}

/// Somebody moved in.
#[component(ReportIn)]
pub fn report_in(props: &ReportFormProps) -> Html {
    let words = use_words();
    html! { <Editor kind={ReportKind::MoveIn} title={words.report_in_title()} unit={props.unit} /> }
}

/// Somebody moved out.
#[component(ReportOut)]
pub fn report_out(props: &ReportFormProps) -> Html {
    let words = use_words();
    html! { <Editor kind={ReportKind::MoveOut} title={words.report_out_title()} unit={props.unit} /> }
}

/// Nothing changed.
#[component(ReportNoChange)]
pub fn report_no_change(props: &ReportFormProps) -> Html {
    let words = use_words();
    html! { <Editor kind={ReportKind::NoChange} title={words.report_no_change_title()} unit={props.unit} /> }
}

/// Properties of [`Editor`].
#[derive(Properties, PartialEq)]
struct EditorProps {
    kind: ReportKind,
    title: AttrValue,
    unit: Option<RecordId>,
}

#[component(Editor)]
fn editor(props: &EditorProps) -> Html {
    let words = use_words();
    let frame = use_frame();
    let kind = props.kind;
    let homes = use_pages(ListUnits::default(), &[Topic::Units]);
    let fresh = ReportForm { kind, unit: props.unit, event_on: frame.today().to_owned(), ..ReportForm::default() };
    let key = format!("report:{}:{}", kind.stored(), props.unit.map(|unit| unit.to_string()).unwrap_or_default());
    let draft = use_draft::<ReportForm>(key, fresh.clone());
    let checks = use_checks::<ReportForm>();
    let done = use_state(|| None::<Rc<SavedReport>>);
    let submit = use_submit::<SaveReport>({
        let (draft, done) = (draft.clone(), done.setter());
        Callback::from(move |saved: SavedReport| {
            draft.finish();
            done.set(Some(Rc::new(saved)));
        })
    });
    let back = props.unit.map_or(Route::ChooseReport, |id| Route::Home { id });
    let page = |children: Html| html! { <Screen title={props.title.clone()} back={back.href()}>{ children }</Screen> };

    if let Some(saved) = &*done {
        let on_another = {
            let (draft, checks, done) = (draft.clone(), checks.clone(), done.setter());
            Callback::from(move |()| {
                draft.start_again(fresh.clone());
                checks.begin_again();
                done.set(None);
            })
        };
        return page(html! { <Finished saved={saved.clone()} {on_another} /> });
    }
    let Listed::Ready { rows, .. } = &homes else {
        return page(match &homes {
            Listed::Failed(error, again) => html! { <Trouble error={error.clone()} again={again.clone()} /> },
            _ => html! { <Skeleton /> },
        });
    };
    if !draft.is_loaded() {
        return page(html! { <Skeleton /> });
    }
    // A landlord of one home is not asked which.
    let mut form = draft.form().clone();
    if let ([only], None) = (rows.as_slice(), form.unit) {
        form.unit = Some(only.id);
    }
    let own = form.check(frame.today_date());
    let stops = !may_save(&own);
    let problems = checks.with_answer(own, &form, submit.state.error());
    let said = |field: &str| checks.said(words, &problems, field);
    let left = checks.left();
    let choices: Choices = rows.iter().map(|row| (row.id.to_string().into(), row.title.clone().into())).collect();
    let onsubmit = {
        let (draft, checks, send, form) = (draft.clone(), checks.clone(), submit.send.clone(), form.clone());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            if stops {
                checks.tell_all();
                focus_first_problem();
                return;
            }
            checks.sent(&form);
            send.emit(SaveReport { form: form.clone(), draft: Some(draft.key()) });
        })
    };
    let event_label = match kind {
        ReportKind::MoveIn => words.report_in_on(),
        ReportKind::MoveOut => words.report_out_on(),
        _ => words.report_no_change_on(),
    };
    page(html! {
        <form {onsubmit} class="form" novalidate=true>
            { restored(words, &draft) }
            if let Some(error) = submit.state.error() {
                <Trouble error={error.clone()} />
            }
            <Cells>
                <SelectField id="unit" label={words.report_home()} value={form.unit.map(|unit| unit.to_string()).unwrap_or_default()} {choices} none={words.choose()}
                    required=true said={said("unit")} on_leave={left.clone()} on_change={draft.set(|form, id| {
                        form.unit = id.parse().ok();
                        form.room = None;
                        form.about = None;
                    })} />
                if let Some(unit) = form.unit.filter(|_| kind == ReportKind::MoveIn) {
                    <RoomPick key={unit.to_string()} {unit} room={form.room} on_change={draft.set(|form, id| form.room = id.parse().ok())} />
                }
            </Cells>
            if let Some(unit) = form.unit.filter(|_| kind == ReportKind::MoveOut) {
                <EarlierTenants key={unit.to_string()} {unit} about={form.about} on_pick={
                    let draft = draft.clone();
                    move |(about, name): (Option<RecordId>, String)| draft.change(|form| {
                        form.about = about;
                        form.name = name;
                    })
                } />
            }
            if kind != ReportKind::NoChange && (kind == ReportKind::MoveIn || form.about.is_none()) {
                { tenant(words, &draft, &checks, &problems) }
            }
            <Cells>
                <DateField id="event_on" label={event_label} value={form.event_on.clone()} today={frame.today().to_owned()} required=true said={said("event_on")}
                    on_change={draft.set(|form, text| form.event_on = text)} on_leave={left} />
            </Cells>
            if parse_date(&form.event_on).is_some() && kind != ReportKind::NoChange {
                <Countdown {kind} event_on={form.event_on.clone()} />
            }
            <p class="form-about">{ words.report_not_registration() }</p>
            <div class="thumb">
                <Button look={Look::Primary} submits=true label={words.report_submit()} busy={submit.state.is_busy()} busy_label={words.saving()} />
            </div>
        </form>
    })
}

fn tenant(words: Words, draft: &Draft<ReportForm>, checks: &Checks<ReportForm>, problems: &[domain::form::FieldProblem]) -> Html {
    let form = draft.form();
    let said = |field: &str| checks.said(words, problems, field);
    let left = checks.left();
    // A landlord cannot decide that somebody has no papers.
    let kinds: Choices =
        options::<DocType>(words).into_iter().filter(|(code, _)| code.as_str() != DocType::None.stored()).collect();
    html! {
        <Cells title={words.report_about_tenant()}>
            <SelectField id="doc_type" label={words.field_doc_type()} value={form.doc_type.stored()} choices={kinds} said={said("doc_type")}
                on_change={draft.set(|form, code| if let Some(doc_type) = DocType::read(&code) { form.doc_type = doc_type })} />
            <TextField id="doc_no" label={words.field_doc_no()} kind={InputKind::Document} value={form.doc_no.clone()} required=true said={said("doc_no")}
                on_change={draft.set(|form, text| form.doc_no = text)} on_leave={left.clone()} />
            <TextField id="name" label={words.report_tenant_name()} value={form.name.clone()} required=true said={said("name")}
                on_change={draft.set(|form, text| form.name = text)} on_leave={left.clone()} />
            <TextField id="phone" label={words.report_tenant_phone()} kind={InputKind::Phone} value={form.phone.clone()} said={said("phone")}
                on_change={draft.set(|form, text| form.phone = text)} on_leave={left} />
        </Cells>
    }
}

/// Properties of [`RoomPick`].
#[derive(Properties, PartialEq)]
struct RoomPickProps {
    unit: RecordId,
    room: Option<RecordId>,
    on_change: Callback<String>,
}

#[component(RoomPick)]
fn room_pick(props: &RoomPickProps) -> Html {
    let words = use_words();
    let asked = use_call(Unit { id: props.unit }, &[Topic::Units]);
    let rooms = asked.answer.ready().map(|home| room_choices(home)).unwrap_or_default();
    if rooms.is_empty() {
        return Html::default();
    }
    html! {
        <SelectField id="room" label={words.field_room()} value={props.room.map(|room| room.to_string()).unwrap_or_default()} choices={rooms}
            none={words.field_room_none()} on_change={props.on_change.clone()} />
    }
}

/// Properties of [`EarlierTenants`].
#[derive(Properties, PartialEq)]
struct EarlierTenantsProps {
    unit: RecordId,
    about: Option<RecordId>,
    on_pick: Callback<(Option<RecordId>, String)>,
}

/// Whoever was reported in: one tap, and nothing is typed a second time.
#[component(EarlierTenants)]
fn earlier_tenants(props: &EarlierTenantsProps) -> Html {
    let words = use_words();
    let frame = use_frame();
    let listed = use_pages(ListReports { unit: Some(props.unit), open_only: false, after: None }, &[Topic::Reports]);
    let Listed::Ready { rows, more, .. } = &listed else {
        return html! { <Skeleton /> };
    };
    let here: Vec<&ReportRow> = rows
        .iter()
        .filter(|row| {
            row.kind == ReportKind::MoveIn
                && !matches!(row.state, ReportState::Withdrawn | ReportState::Returned | ReportState::Refused)
        })
        .collect();
    if here.is_empty() && more.is_none() {
        return Html::default();
    }
    let pick = |about: Option<RecordId>, name: String| {
        let on_pick = props.on_pick.clone();
        Callback::from(move |_: Event| on_pick.emit((about, name.clone())))
    };
    html! {
        <fieldset class="picks">
            <legend class="weui-cells__title">{ words.report_who_left() }</legend>
            <div class="weui-cells">
                { for here.into_iter().map(|row| html! {
                    <label class="weui-cell pick">
                        <input type="radio" name="about" value={row.id.to_string()} checked={props.about == Some(row.id)} onchange={pick(Some(row.id), row.name.clone())} />
                        <span class="pick-name">{ &row.name }</span>
                        <span class="quiet">{ words.since(&words.day(&row.event_on, frame.today())) }</span>
                    </label>
                }) }
                <label class="weui-cell pick">
                    <input type="radio" name="about" value="" checked={props.about.is_none()} onchange={pick(None, String::new())} />
                    <span class="pick-name">{ words.report_who_other() }</span>
                </label>
            </div>
            if let Some(on_more) = more {
                <Button label={words.more()} on_click={on_more.clone()} />
            }
        </fieldset>
    }
}

/// Properties of [`Countdown`].
#[derive(Properties, PartialEq)]
struct CountdownProps {
    kind: ReportKind,
    event_on: String,
}

/// The last day, and how many working days are left.
#[component(Countdown)]
fn countdown(props: &CountdownProps) -> Html {
    let words = use_words();
    let frame = use_frame();
    let asked = use_call(DueFor { kind: props.kind, event_on: props.event_on.clone() }, &[]);
    match asked.answer.ready().and_then(|reply| reply.due.clone()) {
        Some(due) => due_banner(words, &due, frame.today()),
        None => Html::default(),
    }
}

fn due_banner(words: Words, due: &DueView, today: &str) -> Html {
    let said = words.due(due, today);
    let tone = if said.urgency == crate::words::Urgency::Overdue { Tone::Bad } else { Tone::Wait };
    html! {
        <>
            <Banner {tone} text={words.report_until(&words.day(&due.on, today), &said.text)} />
            if due.no_holiday_data {
                <p class="form-about">{ words.no_holiday_data() }</p>
            }
        </>
    }
}

/// Properties of [`Finished`].
#[derive(Properties, PartialEq)]
struct FinishedProps {
    saved: Rc<SavedReport>,
    on_another: Callback<()>,
}

#[component(Finished)]
fn finished(props: &FinishedProps) -> Html {
    let words = use_words();
    let frame = use_frame();
    html! {
        <div class="finished" role="status">
            <p class="finished-title">{ words.report_saved() }</p>
            <p>{ words.report_saved_help() }</p>
            if let Some(due) = &props.saved.due {
                <p>{ words.report_due() }{ " " }{ words.day(&due.on, frame.today()) }{ " " }<DueTag due={due.clone()} today={frame.today().to_owned()} /></p>
            }
            { for props.saved.warnings.iter().map(|warning| html! { <Banner tone={Tone::Wait} text={words.problem(&warning.problem)} /> }) }
            <div class="thumb">
                <a class="weui-btn button button-primary" href={Route::Report { id: props.saved.id }.href()}>{ words.report_see() }</a>
                <Button label={words.report_another()} on_click={props.on_another.clone()} />
            </div>
        </div>
    }
}
