//! Verifying a report at the door, and sending one back with a reason.

use std::rc::Rc;

use domain::RecordId;
use domain::codes::{CancelReason, ReportKind};
use domain::form::may_save;
use domain::residency::CancelForm;
use domain::text;
use ui_protocol::reports::{Report as AskReport, ReportView, ReturnReport as AskReturn, VerifyReport};
use yew::prelude::*;
use yew_router::prelude::*;

use super::leave::cancel_fields;
use super::resident::{Editor, Purpose};
use super::route::Route;
use super::same::Reported;
use crate::hooks::{use_call, use_checks, use_draft, use_frame, use_notices, use_submit};
use crate::parts::{
    Banner, Button, Cells, Empty, Look, NoteField, Said, Screen, Skeleton, Tag, Tone, Trouble, answered, focus_first_problem,
};
use crate::words::use_words;

/// Properties of [`Verify`] and [`ReturnReport`].
#[derive(Properties, PartialEq)]
pub struct VerifyProps {
    /// Which report.
    pub id: RecordId,
}

/// At the door: the registration from the resident's own declaration, or the departure confirmed.
#[component(Verify)]
pub fn verify(props: &VerifyProps) -> Html {
    let words = use_words();
    let id = props.id;
    let asked = use_call(AskReport { id }, &[]);
    html! {
        <Screen title={words.verify_title()} back={Route::Report { id }.href()}>
            { answered(&asked, |report| match (report.row.kind, &report.resident) {
                (ReportKind::MoveIn, Some(form)) => html! {
                    <>
                        <p class="form-about">{ words.verify_help() }</p>
                        <Reported known={report.known.clone()} elsewhere={report.known_elsewhere.clone()} />
                        <Editor purpose={Purpose::Verify(id)} unit={report.unit} fresh={form.clone()} />
                    </>
                },
                (ReportKind::MoveOut, _) => html! { <MovedOut report={report.clone()} /> },
                _ => html! { <Empty title={words.report_state(report.row.state)} /> },
            }) }
        </Screen>
    }
}

/// Properties of [`MovedOut`].
#[derive(Properties, PartialEq)]
struct MovedOutProps {
    report: Rc<ReportView>,
}

/// Who left, and what was seen.
#[component(MovedOut)]
fn moved_out(props: &MovedOutProps) -> Html {
    let words = use_words();
    let frame = use_frame();
    let notices = use_notices();
    let navigator = use_navigator();
    let report = &props.report;
    let id = report.row.id;
    let only_likely = {
        let mut likely = report.leaving.iter().filter(|leaving| leaving.likely);
        likely.next().filter(|_| likely.next().is_none()).map(|leaving| leaving.residency)
    };
    let who = use_state(|| only_likely);
    let fresh = CancelForm { reason: Some(CancelReason::Left), left_on: report.row.event_on.clone(), note: String::new() };
    let draft = use_draft::<CancelForm>(format!("verify:{id}"), fresh);
    let checks = use_checks::<CancelForm>();
    let tried = use_state(|| false);
    let submit = use_submit::<VerifyReport>({
        let draft = draft.clone();
        Callback::from(move |_| {
            draft.finish_and_forget();
            notices.say(words.verify_done());
            if let Some(navigator) = &navigator {
                navigator.replace(&Route::First);
            }
        })
    });
    if report.leaving.is_empty() {
        return html! {
            <>
                <Banner tone={Tone::Wait} text={words.verify_nobody()} />
                <div class="thumb"><a class="weui-btn button button-primary" href={Route::ReturnReport { id }.href()}>{ words.return_open() }</a></div>
            </>
        };
    }
    if !draft.is_loaded() {
        return html! { <Skeleton /> };
    }
    let form = draft.form().clone();
    let own = form.check(frame.today_date());
    let stops = !may_save(&own) || who.is_none();
    let problems = checks.with_answer(own, &form, submit.state.error());
    let onsubmit = {
        let (draft, checks, send, who, tried) = (draft.clone(), checks.clone(), submit.send.clone(), *who, tried.setter());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            tried.set(true);
            if stops {
                checks.tell_all();
                focus_first_problem();
                return;
            }
            let form = draft.form().clone();
            checks.sent(&form);
            send.emit(VerifyReport {
                id,
                resident: None,
                leaving: who,
                cancel: Some(form),
                although_known: false,
                returning: None,
            });
        })
    };
    html! {
        <form {onsubmit} class="form" novalidate=true>
            if let Some(error) = submit.state.error() {
                <Trouble error={error.clone()} />
            }
            <p class="form-about">{ words.leave_help() }</p>
            <fieldset class="picks">
                <legend class="weui-cells__title">{ words.verify_who() }</legend>
                <div class="weui-cells">
                    { for report.leaving.iter().map(|leaving| {
                        let residency = leaving.residency;
                        let onchange = {
                            let who = who.setter();
                            Callback::from(move |_: Event| who.set(Some(residency)))
                        };
                        html! {
                            <label class="weui-cell pick">
                                <input type="radio" name="leaving" value={residency.to_string()} checked={*who == Some(residency)} {onchange} />
                                <span class="pick-name">{ &leaving.name }</span>
                                if leaving.likely {
                                    <Tag text={words.verify_likely()} tone={Tone::Wait} />
                                }
                            </label>
                        }
                    }) }
                </div>
                if *tried && who.is_none() {
                    <p class="picks-said" role="alert">{ words.verify_choose_who() }</p>
                }
            </fieldset>
            { cancel_fields(words, &draft, &checks, &problems, frame.today()) }
            <div class="thumb">
                <Button look={Look::Primary} submits=true label={words.verify_submit_out()} busy={submit.state.is_busy()} busy_label={words.saving()} />
            </div>
        </form>
    }
}

/// The longest reason a landlord is given.
const REASON_MAX: usize = 200;

/// Back to the landlord, who reads why.
#[component(ReturnReport)]
pub fn return_report(props: &VerifyProps) -> Html {
    let words = use_words();
    let notices = use_notices();
    let navigator = use_navigator();
    let id = props.id;
    let draft = use_draft::<String>(format!("return:{id}"), String::new());
    let tried = use_state(|| false);
    let submit = use_submit::<AskReturn>({
        let draft = draft.clone();
        Callback::from(move |_| {
            draft.finish_and_forget();
            notices.say(words.return_done());
            if let Some(navigator) = &navigator {
                navigator.replace(&Route::First);
            }
        })
    });
    let reason = draft.form().clone();
    let problem = text::require_text(&reason, REASON_MAX).err();
    let said = problem
        .as_ref()
        .filter(|_| *tried)
        .map(|problem| Said { text: words.problem(&domain::form::Problem::Text(problem.clone())).into(), warning: false });
    let onsubmit = {
        let (send, tried, reason, good) = (submit.send.clone(), tried.setter(), reason.clone(), problem.is_none());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            tried.set(true);
            if good {
                send.emit(AskReturn { id, reason: reason.trim().to_owned() });
            } else {
                focus_first_problem();
            }
        })
    };
    html! {
        <Screen title={words.return_title()} back={Route::Report { id }.href()}>
            <form {onsubmit} class="form" novalidate=true>
                if let Some(error) = submit.state.error() {
                    <Trouble error={error.clone()} />
                }
                <Cells>
                    <NoteField id="reason" label={words.return_reason()} value={reason} required=true {said} hint={words.return_reason_hint()}
                        on_change={draft.set(|form, text| *form = text)} />
                </Cells>
                <div class="thumb">
                    <Button look={Look::Primary} submits=true label={words.return_submit()} busy={submit.state.is_busy()} busy_label={words.saving()} />
                </div>
            </form>
        </Screen>
    }
}
