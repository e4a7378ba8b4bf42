//! One hazard: what, by when, pictures of it; looked at again, handed over.

use std::rc::Rc;

use domain::RecordId;
use domain::hazard::{HandedTo, HazardState};
use ui_protocol::Topic;
use ui_protocol::safety::{HandOverHazard, Hazard as AskHazard, HazardView, RecheckHazard};
use yew::prelude::*;

use super::history::HistoryLink;
use super::photos::PhotoSection;
use super::route::Route;
use super::taking_back::taken_back;
use crate::hooks::{use_call, use_draft, use_frame, use_notices, use_submit};
use crate::parts::{
    Banner, Button, Cells, Dialog, DueTag, Fact, LinkCell, Look, NoteField, Screen, SelectField, Tag, Tone, Trouble, answered,
    options,
};
use crate::words::{Label, use_words};

/// Properties of [`Hazard`].
#[derive(Properties, PartialEq)]
pub struct HazardProps {
    /// Which.
    pub id: RecordId,
}

/// The page of a hazard.
#[component(Hazard)]
pub fn hazard(props: &HazardProps) -> Html {
    let words = use_words();
    let asked = use_call(AskHazard { id: props.id }, &[Topic::Units, Topic::Attention, Topic::Sync]);
    let back = asked.answer.ready().map_or(Route::Homes, |seen| Route::Home { id: seen.unit });
    html! {
        <Screen title={words.hazard_title()} back={back.href()}>
            { answered(&asked, |seen| html! { <Ready seen={seen.clone()} /> }) }
        </Screen>
    }
}

/// Properties of [`Ready`].
#[derive(Properties, PartialEq)]
struct ReadyProps {
    seen: Rc<HazardView>,
}

#[component(Ready)]
fn ready(props: &ReadyProps) -> Html {
    let words = use_words();
    let frame = use_frame();
    let (seen, today) = (&props.seen, frame.today());
    let row = &seen.row;
    html! {
        <>
            <div class="card">
                <p class="card-title">{ words.item_failed(row.item) }</p>
                if !row.description.is_empty() {
                    <p>{ &row.description }</p>
                }
                <p class="card-tags">
                    <Tag text={words.severity(row.severity)} tone={if row.severity >= 3 { Tone::Bad } else { Tone::Wait }} />
                    <Tag text={words.label(row.state)} tone={if row.state.is_open() { Tone::Wait } else { Tone::Good }} />
                    if row.waiting {
                        <Tag text={words.waiting_mark()} tone={Tone::Wait} />
                    }
                </p>
            </div>
            if seen.withdrawn {
                { taken_back(words) }
            }
            <Cells>
                if let Some(due) = &row.due {
                    <Fact name={words.hazard_due()}><DueTag due={due.clone()} today={today.to_owned()} /></Fact>
                }
                <Fact name={words.hazard_seen_on()} value={words.day(&row.seen_on, today)} />
                <Fact name={words.check_responsible()} value={row.responsible.map(|who| words.label(who)).unwrap_or_default()} />
                <Fact name={words.check_handed_to()} value={row.handed_to.map(|to| words.label(to)).unwrap_or_default()} />
                <LinkCell href={Route::Home { id: seen.unit }.href()} title={seen.home.clone()} detail={words.hazard_home()} />
                if let Some(id) = seen.inspection {
                    <LinkCell href={Route::Notice { id }.href()} title={words.hazard_notice()} />
                }
            </Cells>
            if row.state.is_open() && !seen.withdrawn {
                <Deciding key={row.id.to_string()} seen={seen.clone()} />
            }
            if !seen.rechecks.is_empty() {
                <Cells title={words.hazard_rechecks()}>
                    { for seen.rechecks.iter().map(|line| {
                        let found = if line.fixed { words.hazard_was_fixed() } else { words.hazard_was_not() };
                        let by = words.who(&line.by);
                        let value: Vec<&str> = [found, &line.note, &by].into_iter().filter(|part| !part.is_empty()).collect();
                        html! { <Fact name={words.moment(line.observed_unix_ms, today)} value={value.join(" · ")} /> }
                    }) }
                </Cells>
            }
            <p class="form-about">{ words.hazard_photo_first() }</p>
            <PhotoSection of={row.id} />
            <HistoryLink id={row.id} />
        </>
    }
}

/// A re-check, or a hand-over.
#[component(Deciding)]
fn deciding(props: &ReadyProps) -> Html {
    let words = use_words();
    let notices = use_notices();
    let id = props.seen.row.id;
    let note = use_draft(format!("recheck:{id}"), String::new());
    let handing = use_state(|| false);
    let to = use_state(|| HandedTo::Fire);
    let recheck = use_submit::<RecheckHazard>({
        let (notices, note) = (notices.clone(), note.clone());
        Callback::from(move |seen: HazardView| {
            note.discard();
            notices.say(if seen.row.state.is_open() { words.hazard_kept_open() } else { words.hazard_closed_now() });
        })
    });
    let hand_over = use_submit::<HandOverHazard>({
        let (notices, handing, note) = (notices.clone(), handing.setter(), note.clone());
        Callback::from(move |_| {
            handing.set(false);
            note.discard();
            notices.say(words.hazard_handed_now());
        })
    });
    let look = |fixed: bool| {
        let (send, note) = (recheck.send.clone(), note.clone());
        Callback::from(move |()| send.emit(RecheckHazard { id, fixed, note: note.form().clone() }))
    };
    let set_handing = |open: bool| {
        let handing = handing.setter();
        Callback::from(move |()| handing.set(open))
    };
    let on_hand_over = {
        let (send, note, to) = (hand_over.send.clone(), note.clone(), to.clone());
        Callback::from(move |()| send.emit(HandOverHazard { id, to: *to, note: note.form().clone() }))
    };
    let not_fixed =
        if props.seen.row.state == HazardState::HandedOver { words.hazard_not_fixed_handed() } else { words.hazard_not_fixed() };
    let busy = recheck.state.is_busy();
    html! {
        <section class="group" aria-labelledby="recheck-title">
            <div class="group-head"><h2 id="recheck-title" class="weui-cells__title">{ words.hazard_recheck() }</h2></div>
            <div class="weui-cells">
                <NoteField id="recheck_note" label={words.hazard_note()} value={note.form().clone()} hint={words.check_description_hint()}
                    on_change={note.set(|note, text| *note = text)} />
            </div>
            if let Some(error) = recheck.state.error() {
                <Trouble error={error.clone()} />
            }
            if domain::hazard::wants_hand_over(props.seen.row.severity, props.seen.row.state) {
                <Banner tone={Tone::Bad} text={words.hazard_wants_hand_over()} />
            }
            <p class="form-about">{ words.hazard_recheck_ask() }</p>
            <div class="buttons">
                <Button look={Look::Primary} label={words.hazard_fixed()} {busy} on_click={look(true)} />
                <Button label={not_fixed} {busy} on_click={look(false)} />
                if props.seen.may.contains(&HazardState::HandedOver) {
                    <Button label={words.hazard_hand_over()} on_click={set_handing(true)} />
                }
            </div>
            if *handing {
                <Dialog title={words.hazard_hand_over()} text={words.hazard_hand_over_ask()} confirm={words.hazard_hand_over()}
                    busy={hand_over.state.is_busy()} on_confirm={on_hand_over} on_cancel={set_handing(false)}>
                    <SelectField id="handed_to" label={words.check_handed_to()} value={to.stored()} choices={options::<HandedTo>(words)}
                        on_change={
                            let to = to.setter();
                            move |code: String| if let Some(chosen) = HandedTo::read(&code) { to.set(chosen) }
                        } />
                    if let Some(error) = hand_over.state.error() {
                        <Trouble error={error.clone()} />
                    }
                </Dialog>
            }
        </section>
    }
}
