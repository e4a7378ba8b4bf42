//! Reports from both sides of the door: the coordinator's list, and one report with its receipt.

use std::rc::Rc;

use domain::RecordId;
use domain::codes::ReportKind;
use ui_protocol::Topic;
use ui_protocol::reports::{ListReports, Report as AskReport, ReportRow, ReportState, ReportView, VerifyReport, WithdrawReport};
use yew::prelude::*;
use yew_router::prelude::*;

use super::history::HistoryLink;
use super::route::Route;
use crate::hooks::{Listed, use_call, use_frame, use_notices, use_pages, use_submit};
use crate::parts::{
    Banner, Button, Cells, Dialog, DueTag, Empty, Fact, LinkCell, Look, More, PhoneLink, Screen, Skeleton, Tag, Tone, Trouble,
    answered,
};
use crate::words::{Words, use_words};

/// Reports of the coordinator's villages.
#[component(Reports)]
pub fn reports() -> Html {
    let words = use_words();
    html! {
        <Screen title={words.report_title()} back={Route::First.href()}>
            <ReportList />
        </Screen>
    }
}

/// Properties of [`ReportList`].
#[derive(Properties, PartialEq)]
pub struct ReportListProps {
    /// Of one home.
    #[prop_or_default]
    pub unit: Option<RecordId>,
}

/// Reports, the newest first.
#[component(ReportList)]
pub fn report_list(props: &ReportListProps) -> Html {
    let words = use_words();
    let frame = use_frame();
    let listed = use_pages(ListReports { unit: props.unit, open_only: false, after: None }, &[Topic::Reports, Topic::Sync]);
    match &listed {
        Listed::Waiting => html! { <Skeleton /> },
        Listed::Failed(error, again) => html! { <Trouble error={error.clone()} again={again.clone()} /> },
        Listed::Ready { rows, .. } if rows.is_empty() => {
            html! { <Empty title={words.reports_empty()} help={words.reports_empty_help()} /> }
        }
        Listed::Ready { rows, more, .. } => html! {
            <>
                <div class="weui-cells rows">{ for rows.iter().map(|row| report_row(words, row, frame.today())) }</div>
                if let Some(on_more) = more {
                    <More on_more={on_more.clone()} />
                }
            </>
        },
    }
}

/// One report in a list.
pub fn report_row(words: Words, row: &ReportRow, today: &str) -> Html {
    let tags = html! {
        <>
            <Tag text={words.report_state(row.state)} tone={state_tone(row.state)} />
            if let Some(due) = &row.due {
                <DueTag due={due.clone()} today={today.to_owned()} />
            }
        </>
    };
    let note = if row.receipt_no.is_empty() { String::new() } else { format!("{} {}", words.receipt_no(), row.receipt_no) };
    html! {
        <LinkCell key={row.id.to_string()} href={Route::Report { id: row.id }.href()} title={title(words, row)}
            detail={format!("{} · {}", row.home, words.day(&row.event_on, today))} {note} {tags} />
    }
}

fn title(words: Words, row: &ReportRow) -> String {
    if row.name.is_empty() { words.label(row.kind).to_owned() } else { format!("{} · {}", row.name, words.label(row.kind)) }
}

fn state_tone(state: ReportState) -> Tone {
    match state {
        ReportState::Accepted => Tone::Good,
        ReportState::Local | ReportState::Received => Tone::Wait,
        ReportState::Returned | ReportState::Refused => Tone::Bad,
        ReportState::Withdrawn => Tone::Calm,
    }
}

/// Properties of [`Report`].
#[derive(Properties, PartialEq)]
pub struct ReportProps {
    /// Which.
    pub id: RecordId,
}

/// One report: for its landlord a receipt, for the coordinator something to verify.
#[component(Report)]
pub fn report(props: &ReportProps) -> Html {
    let words = use_words();
    let frame = use_frame();
    let id = props.id;
    let asked = use_call(AskReport { id }, &[Topic::Reports, Topic::Sync]);
    let landlord = frame.is_landlord();
    let (title, back) = if landlord { (words.receipt_title(), Route::Reports) } else { (words.verify_title(), Route::First) };
    html! {
        <Screen {title} back={back.href()}>
            { answered(&asked, |view| html! {
                <>
                    { facts(words, view, frame.today(), landlord) }
                    if landlord {
                        <Withdraw report={view.clone()} />
                    } else if matches!(view.row.state, ReportState::Received | ReportState::Local) {
                        <Decide report={view.clone()} />
                    }
                    <HistoryLink {id} />
                </>
            }) }
        </Screen>
    }
}

fn facts(words: Words, view: &ReportView, today: &str, landlord: bool) -> Html {
    let row = &view.row;
    let document = match view.doc_type {
        Some(doc_type) if !view.document.is_empty() => format!("{} {}", words.label(doc_type), view.document),
        _ => String::new(),
    };
    let receipt = view.receipt.as_ref();
    html! {
        <>
            <div class="card">
                <p class="card-title">{ title(words, row) }</p>
                <p class="card-detail">{ &row.home }</p>
                <p class="card-tags">
                    <Tag text={words.report_state(row.state)} tone={state_tone(row.state)} />
                    if let Some(due) = &row.due {
                        <DueTag due={due.clone()} today={today.to_owned()} />
                    }
                </p>
            </div>
            if row.state == ReportState::Returned {
                <Banner tone={Tone::Bad} text={format!("{}：{}", words.report_reason(), view.reason)}>
                    if landlord && matches!(row.kind, ReportKind::MoveIn | ReportKind::MoveOut) {
                        <a class="weui-btn button button-small" href={again(row.kind, view.unit).href()}>{ words.report_again() }</a>
                    }
                </Banner>
            }
            if row.due.as_ref().is_some_and(|due| due.no_holiday_data) {
                <Banner tone={Tone::Wait} text={words.no_holiday_data()} />
            }
            <Cells>
                <Fact name={words.report_about_tenant()} value={row.name.clone()} />
                <Fact name={words.field_doc_no()} value={document} />
                <Fact name={words.field_phone()}>
                    if !view.phone.is_empty() {
                        <PhoneLink number={view.phone.clone()} />
                    }
                </Fact>
                <Fact name={event_name(words, row.kind)} value={words.day_near(&row.event_on, today)} />
                <Fact name={words.report_decided_on()} value={if view.decided_on.is_empty() { String::new() } else { words.day(&view.decided_on, today) }} />
            </Cells>
            <Cells title={words.receipt_title()}>
                <Fact name={words.receipt_no()} value={receipt.map(|receipt| receipt.no.clone()).unwrap_or_default()} />
                <Fact name={words.receipt_submitted()} value={words.moment(view.submitted_unix_ms, today)} />
                if let Some(receipt) = receipt {
                    <Fact name={words.receipt_received()} value={words.moment(receipt.received_unix_ms, today)} />
                    <Fact name={words.receipt_due()} value={receipt.due.as_ref().map(|due| words.day(&due.on.to_string(), today)).unwrap_or_default()}>
                        if receipt.due.is_some() {
                            if receipt.on_time {
                                <Tag text={words.receipt_on_time()} tone={Tone::Good} />
                            } else {
                                <Tag text={words.receipt_late()} tone={Tone::Bad} />
                            }
                        }
                    </Fact>
                } else {
                    <div class="weui-cell"><p class="quiet">{ words.receipt_none() }</p></div>
                }
            </Cells>
        </>
    }
}

fn again(kind: ReportKind, unit: RecordId) -> Route {
    if kind == ReportKind::MoveOut { Route::ReportOutOf { unit } } else { Route::ReportInTo { unit } }
}

fn event_name(words: Words, kind: ReportKind) -> &'static str {
    match kind {
        ReportKind::MoveIn => words.report_in_on(),
        ReportKind::MoveOut => words.report_out_on(),
        _ => words.report_no_change_on(),
    }
}

/// Properties of [`Withdraw`] and [`Decide`].
#[derive(Properties, PartialEq)]
struct OneReportProps {
    report: Rc<ReportView>,
}

#[component(Withdraw)]
fn withdraw(props: &OneReportProps) -> Html {
    let words = use_words();
    let notices = use_notices();
    let asking = use_state(|| false);
    let id = props.report.row.id;
    let submit = use_submit::<WithdrawReport>({
        let asking = asking.setter();
        Callback::from(move |_| {
            asking.set(false);
            notices.say(words.report_withdrawn());
        })
    });
    let show = |on: bool| {
        let asking = asking.setter();
        Callback::from(move |()| asking.set(on))
    };
    if !props.report.can_withdraw {
        return Html::default();
    }
    html! {
        <div class="buttons">
            <Button look={Look::Warn} label={words.report_withdraw()} on_click={show(true)} />
            if *asking {
                <Dialog title={words.report_withdraw()} text={words.report_withdraw_ask()} confirm={words.report_withdraw()} warn=true
                    busy={submit.state.is_busy()} on_cancel={show(false)} on_confirm={
                        let send = submit.send.clone();
                        move |()| send.emit(WithdrawReport { id })
                    }>
                    if let Some(error) = submit.state.error() {
                        <Trouble error={error.clone()} />
                    }
                </Dialog>
            }
        </div>
    }
}

/// What the coordinator does with it: verify at the door, or send it back.
#[component(Decide)]
fn decide(props: &OneReportProps) -> Html {
    let words = use_words();
    let notices = use_notices();
    let navigator = use_navigator();
    let row = &props.report.row;
    let id = row.id;
    let plain = !matches!(row.kind, ReportKind::MoveIn | ReportKind::MoveOut);
    let submit = use_submit::<VerifyReport>(Callback::from(move |_| {
        notices.say(words.verify_done());
        if let Some(navigator) = &navigator {
            navigator.replace(&Route::First);
        }
    }));
    html! {
        <>
            <p class="form-about">{ words.verify_help() }</p>
            if let Some(error) = submit.state.error() {
                <Trouble error={error.clone()} />
            }
            <div class="thumb">
                if plain {
                    <Button look={Look::Primary} label={words.verify_submit_plain()} busy={submit.state.is_busy()} on_click={
                        let send = submit.send.clone();
                        move |()| send.emit(VerifyReport { id, resident: None, leaving: None, cancel: None, although_known: false, returning: None })
                    } />
                } else {
                    <a class="weui-btn button button-primary" href={Route::Verify { id }.href()}>{ words.verify_open() }</a>
                }
                <a class="weui-btn button button-plain" href={Route::ReturnReport { id }.href()}>{ words.return_open() }</a>
            </div>
        </>
    }
}
