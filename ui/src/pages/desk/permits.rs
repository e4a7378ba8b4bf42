//! 居住证 at the station: the applications that wait at the left, one at the right with what can be done about it next.

use std::rc::Rc;

use domain::RecordId;
use domain::permit::EndReason;
use ui_protocol::Topic;
use ui_protocol::desk::{DecidePermit, ListRecords, Overview as AskOverview, PermitDesk, PermitStep};
use yew::prelude::*;
use yew_router::prelude::*;

use super::app::Officer;
use super::record::Record;
use super::records::{bring_into_sight, focus_in_record, row_link};
use super::route::{Filter, Route, permits_href};
use crate::hooks::{Listed, use_asker, use_call, use_keys, use_notices, use_pages, use_submit};
use crate::parts::{
    Banner, Button, Cells, DateField, Empty, Fact, Look, More, NoteField, SelectField, Skeleton, Tag, Tone, Trouble, focus,
    options,
};
use crate::words::{Label, use_words};

/// States of an application in which the station has something to do.
const TO_DO: [&str; 3] = ["taken", "review", "approved"];
/// The same of a card.
const CARDS_TO_DO: [&str; 6] = ["replace", "to_end", "change_due", "suspended", "endorse_due", "to_hand_out"];
/// The list of cards, as the address names it.
const CARDS: &str = "cards";

/// The applications that wait for the station.
#[component(Permits)]
pub fn permits() -> Html {
    let words = use_words();
    let today = use_context::<Officer>().map(|officer| officer.me.today.clone()).unwrap_or_default();
    let navigator = use_navigator();
    let filter: Filter = use_location().and_then(|location| location.query::<Filter>().ok()).unwrap_or_default();
    let areas = use_call(AskOverview {}, &[]);
    let of_cards = filter.list == CARDS;
    let states: &[&str] = if of_cards { &CARDS_TO_DO } else { &TO_DO };
    let call = ListRecords {
        kind: if of_cards { domain::kind::PERMIT } else { domain::kind::PERMIT_APPLICATION }.to_owned(),
        area: None,
        query: String::new(),
        states: states.iter().map(|&state| state.to_owned()).collect(),
        after: None,
    };
    let listed = use_pages(call, &[Topic::People, Topic::Attention]);
    let ids: Vec<String> = match &listed {
        Listed::Ready { rows, .. } => rows.iter().map(|row| row.id.to_string()).collect(),
        _ => Vec::new(),
    };
    use_keys({
        let filter = filter.clone();
        Callback::from(move |key: String| {
            let at = ids.iter().position(|id| *id == filter.id);
            let to = match (key.as_str(), at) {
                ("j" | "J", None) => Some(0),
                ("j" | "J", Some(at)) => Some(at + 1),
                ("k" | "K", Some(at)) => at.checked_sub(1),
                ("Enter", Some(_)) => {
                    focus_in_record("#record [data-step]");
                    None
                }
                ("r" | "R", Some(_)) => {
                    focus_in_record("#permit_note");
                    None
                }
                _ => None,
            };
            if let (Some(id), Some(navigator)) = (to.and_then(|to| ids.get(to)), &navigator) {
                // Plain texts, which an address can always hold.
                let _went = navigator.replace_with_query(
                    &Route::Permits,
                    &Filter { id: id.clone(), list: filter.list.clone(), ..Filter::default() },
                );
                bring_into_sight(id);
            }
        })
    });
    let names: Rc<Vec<(String, String)>> = Rc::new(
        areas
            .answer
            .ready()
            .map(|reply| reply.areas.iter().map(|area| (area.code.clone(), format!("{}{}", area.township, area.name))).collect())
            .unwrap_or_default(),
    );
    html! {
        <main class="desk-main desk-two">
            <section class="desk-list">
                <h1>{ words.desk_permits() }</h1>
                <p class="quiet">{ words.desk_permits_help() }</p>
                <div class="desk-tabs" role="group" aria-label={words.desk_permits_todo()}>
                    { for [("", words.desk_permits_todo()), (CARDS, words.desk_permits_cards())].map(|(list, label)| {
                        let here = list == filter.list;
                        html! { <a class={classes!("desk-tab", here.then_some("desk-tab-here"))} href={permits_href(list, "")} aria-current={here.then_some("page")}>{ label }</a> }
                    }) }
                </div>
                <p class="quiet desk-keys">{ words.desk_permit_keys() }</p>
                { match &listed {
                    Listed::Waiting => html! { <Skeleton /> },
                    Listed::Failed(error, again) => html! { <Trouble error={error.clone()} again={again.clone()} /> },
                    Listed::Ready { rows, .. } if rows.is_empty() => {
                        html! { <Empty title={if of_cards { words.desk_cards_none() } else { words.desk_permits_none() }} /> }
                    }
                    Listed::Ready { rows, more, .. } => html! {
                        <>
                            <nav class="weui-cells rows" aria-label={words.desk_permits_todo()}>
                                { for rows.iter().map(|row| {
                                    let id = row.id.to_string();
                                    row_link(words, row, permits_href(&filter.list, &id), id == filter.id, &today)
                                }) }
                            </nav>
                            if let Some(on_more) = more {
                                <More on_more={on_more.clone()} />
                            }
                        </>
                    },
                } }
            </section>
            <section class="desk-record" id="record" tabindex="-1" aria-label={words.desk_permits()}>
                if let Ok(id) = filter.id.parse::<RecordId>() {
                    <Record key={filter.id.clone()} {id} {today} areas={names} />
                } else {
                    <Empty title={words.desk_choose_record()} help={words.desk_permit_keys()} />
                }
            </section>
        </main>
    }
}

/// What a holder comes to report, since a day.
fn is_change(step: PermitStep) -> bool {
    matches!(step, PermitStep::ChangeAddress | PermitStep::ChangeEmployer)
}

/// Properties of [`Steps`].
#[derive(Properties, PartialEq)]
pub struct StepsProps {
    /// The application or the card.
    pub id: RecordId,
    /// How it stands and what can be done.
    pub permit: PermitDesk,
    /// The server's today.
    pub today: AttrValue,
}

/// How a card stands, and a button for each step the station may take now.
#[component(Steps)]
pub fn steps(props: &StepsProps) -> Html {
    let words = use_words();
    let asker = use_asker();
    let notices = use_notices();
    let note = use_state(String::new);
    let months = use_state(String::new);
    let reason = use_state({
        let known = props.permit.to_end;
        move || known
    });
    let since = use_state(|| props.today.to_string());
    let submit = use_submit::<DecidePermit>({
        let note = note.setter();
        Callback::from(move |_| {
            note.set(String::new());
            notices.say(words.desk_permit_done());
            asker.announce(&[Topic::People]);
            // The next one is a key away.
            focus("#record");
        })
    });
    let permit = &props.permit;
    let day = |text: &str| if text.is_empty() { String::new() } else { words.plain_day(text, &props.today) };
    let take = |step: PermitStep| {
        let (send, id) = (submit.send.clone(), props.id);
        let (note, months, reason) = ((*note).clone(), months.parse().ok(), *reason);
        let since = if is_change(step) { (*since).clone() } else { String::new() };
        Callback::from(move |()| {
            let reason = reason.filter(|_| step == PermitStep::End);
            send.emit(DecidePermit { id, step, note: note.trim().to_owned(), months, reason, since: since.clone() })
        })
    };
    let has = |step: PermitStep| permit.steps.contains(&step);
    // What needs something chosen or written first stands with its field.
    let plain = permit.steps.iter().copied().filter(|step| {
        !matches!(step, PermitStep::Refuse | PermitStep::Renew | PermitStep::End | PermitStep::IssueTemporary)
            && !is_change(*step)
    });
    let changes: Vec<PermitStep> = permit.steps.iter().copied().filter(|step| is_change(*step)).collect();
    html! {
        <>
            if let Some(standing) = permit.standing {
                <Cells title={words.desk_permit_standing()} aside={html! { <Tag text={words.permit_standing(standing)} tone={if props.permit.steps.is_empty() { Tone::Calm } else { Tone::Wait }} /> }}>
                    <Fact name={words.permit_endorse_window()} value={day(&permit.endorse_by)} />
                    <Fact name={words.permit_valid_until()} value={day(&permit.valid_until)} />
                    <Fact name={words.permit_continuity()} value={day(&permit.continuity_start)} />
                </Cells>
            }
            { for permit.changes_due.iter().map(|(what, by)| html! {
                <Banner tone={Tone::Wait} text={words.permit_change_by(*what, by, &props.today)} />
            }) }
            if let Some(reason) = permit.to_end {
                <Banner tone={Tone::Wait} text={words.permit_to_end(reason)} />
            }
            if !permit.steps.is_empty() {
                <section class="desk-decide" aria-label={words.desk_permit_step_title()} data-testid="permit-steps">
                    if let Some(error) = submit.state.error() {
                        <Trouble error={error.clone()} />
                    }
                    <div class="buttons-inline" data-step="true" tabindex="-1">
                        { for plain.map(|step| html! {
                            <Button look={Look::Primary} label={words.permit_step(step)} busy={submit.state.is_busy()} on_click={take(step)} />
                        }) }
                    </div>
                    if has(PermitStep::Refuse) {
                        <NoteField id="permit_note" label={words.desk_permit_refuse_note()} value={(*note).clone()} on_change={
                            let note = note.setter();
                            move |text| note.set(text)
                        } />
                        <Button look={Look::Warn} label={words.permit_step(PermitStep::Refuse)} busy={submit.state.is_busy()} on_click={take(PermitStep::Refuse)} />
                    }
                    if !changes.is_empty() {
                        <DateField id="permit_since" label={words.permit_since()} value={(*since).clone()} today={props.today.clone()} hint={words.desk_permit_change()} on_change={
                            let since = since.setter();
                            move |text: String| since.set(text)
                        } />
                        <div class="buttons-inline">
                            { for changes.iter().map(|step| html! {
                                <Button label={words.permit_step(*step)} busy={submit.state.is_busy()} on_click={take(*step)} />
                            }) }
                        </div>
                    }
                    if has(PermitStep::Renew) || has(PermitStep::IssueTemporary) {
                        if has(PermitStep::IssueTemporary) {
                            <p class="quiet">{ words.permit_temporary_help() }</p>
                        }
                        <SelectField id="permit_months" label={if has(PermitStep::Renew) { words.desk_permit_months() } else { words.permit_months() }} value={(*months).clone()} none={words.choose()}
                            choices={["6", "12", "18", "24", "30", "36"].map(|months| (AttrValue::Static(months), AttrValue::Static(months))).to_vec()}
                            on_change={
                                let months = months.setter();
                                move |text| months.set(text)
                            } />
                        { for [PermitStep::Renew, PermitStep::IssueTemporary].into_iter().filter(|step| has(*step)).map(|step| html! {
                            <Button label={words.permit_step(step)} busy={submit.state.is_busy()} on_click={take(step)} />
                        }) }
                    }
                    if has(PermitStep::End) {
                        <SelectField id="permit_reason" label={words.permit_end_reason()} value={reason.map(Label::stored).unwrap_or_default()}
                            choices={options::<EndReason>(words)} none={words.choose()} on_change={
                                let reason = reason.setter();
                                move |code: String| reason.set(EndReason::read(&code))
                            } />
                        <Button look={Look::Warn} label={words.permit_step(PermitStep::End)} busy={submit.state.is_busy()} on_click={take(PermitStep::End)} />
                    }
                </section>
            }
        </>
    }
}
