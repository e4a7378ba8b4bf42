//! One referral: who, where, what is asked of the station by when.

use domain::RecordId;
use ui_protocol::Topic;
use ui_protocol::people::{RevealDocument, UndoMistake};
use ui_protocol::reports::{Referral as AskReferral, ReferralHanded, ReferralView};
use yew::prelude::*;
use yew_router::prelude::*;

use super::history::HistoryLink;
use super::route::Route;
use crate::hooks::{use_call, use_frame, use_notices, use_submit};
use crate::parts::{Button, Cells, Dialog, DueTag, Fact, LinkCell, Look, PhoneLink, Screen, Tag, Tone, Trouble, answered};
use crate::words::use_words;

/// Properties of [`Referral`].
#[derive(Properties, PartialEq)]
pub struct ReferralProps {
    /// Which.
    pub id: RecordId,
}

/// The page of a referral.
#[component(Referral)]
pub fn referral(props: &ReferralProps) -> Html {
    let words = use_words();
    let asked = use_call(AskReferral { id: props.id }, &[Topic::Reports, Topic::People, Topic::Sync]);
    html! {
        <Screen title={words.kind(domain::kind::REFERRAL)} back={Route::First.href()}>
            { answered(&asked, |view| html! { <Ready view={(**view).clone()} /> }) }
        </Screen>
    }
}

/// Properties of [`Ready`].
#[derive(Properties, PartialEq)]
struct ReadyProps {
    view: ReferralView,
}

#[component(Ready)]
fn ready(props: &ReadyProps) -> Html {
    let words = use_words();
    let (frame, notices, navigator) = (use_frame(), use_notices(), use_navigator());
    let whole = use_state(|| None::<String>);
    let asking = use_state(|| false);
    let (view, today) = (&props.view, frame.today());
    let id = view.id;
    let handed = use_submit::<ReferralHanded>({
        let notices = notices.clone();
        Callback::from(move |_| notices.say(words.referral_handed_done()))
    });
    let reveal = use_submit::<RevealDocument>({
        let whole = whole.setter();
        Callback::from(move |reply: ui_protocol::people::RevealedDocument| whole.set(Some(reply.doc_no)))
    });
    let undo = use_submit::<UndoMistake>(Callback::from(move |_| {
        notices.say(words.person_undone());
        if let Some(navigator) = &navigator {
            navigator.replace(&Route::First);
        }
    }));
    let show = |on: bool| {
        let asking = asking.setter();
        Callback::from(move |()| asking.set(on))
    };
    let on_reveal = {
        let (whole, send) = (whole.clone(), reveal.send.clone());
        Callback::from(move |()| if whole.is_some() { whole.set(None) } else { send.emit(RevealDocument { person: id }) })
    };
    let place = if view.room.is_empty() { view.home.clone() } else { format!("{} · {}", view.home, words.room(&view.room)) };
    html! {
        <>
            <div class="card">
                <p class="card-title">{ &view.name }</p>
                <p class="card-tags">
                    <Tag text={if view.open { words.today_why(ui_protocol::today::TodayKind::Referral) } else { words.referral_handed_done() }}
                        tone={if view.open { Tone::Wait } else { Tone::Good }} />
                    if view.waiting {
                        <Tag text={words.waiting_mark()} tone={Tone::Wait} />
                    }
                </p>
                <p>{ words.referral_help() }</p>
            </div>
            <Cells>
                if let Some(due) = view.due.as_ref().filter(|_| view.open) {
                    <Fact name={words.referral_due()}><DueTag due={due.clone()} today={today.to_owned()} /></Fact>
                }
                <Fact name={words.label(view.doc_type)}>
                    <span class="number">{ (*whole).clone().unwrap_or_else(|| view.document.clone()) }</span>
                    <Button look={Look::Small} label={if whole.is_some() { words.hide() } else { words.reveal() }} busy={reveal.state.is_busy()} on_click={on_reveal} />
                    <span class="quiet">{ words.reveal_help() }</span>
                    if let Some(error) = reveal.state.error() {
                        <Trouble error={error.clone()} />
                    }
                </Fact>
                <Fact name={words.field_phone()}>
                    if !view.phone.is_empty() {
                        <PhoneLink number={view.phone.clone()} />
                    }
                </Fact>
                <Fact name={words.referral_arrival()} value={words.day(&view.arrival_on, today)} />
                if let Some(id) = view.unit {
                    <LinkCell href={Route::Home { id }.href()} title={place} detail={words.hazard_home()} />
                }
            </Cells>
            if let Some(error) = handed.state.error() {
                <Trouble error={error.clone()} />
            }
            <div class="buttons">
                if view.open {
                    <Button look={Look::Primary} label={words.referral_handed()} busy={handed.state.is_busy()} on_click={
                        let send = handed.send.clone();
                        move |()| send.emit(ReferralHanded { id })
                    } />
                }
                if view.can_undo {
                    <Button look={Look::Warn} label={words.person_mistake()} on_click={show(true)} />
                }
            </div>
            <HistoryLink {id} />
            if *asking {
                <Dialog title={words.person_mistake()} text={words.referral_undo_ask()} confirm={words.undo()} warn=true busy={undo.state.is_busy()}
                    on_cancel={show(false)} on_confirm={
                        let send = undo.send.clone();
                        move |()| send.emit(UndoMistake { record: id })
                    }>
                    if let Some(error) = undo.state.error() {
                        <Trouble error={error.clone()} />
                    }
                </Dialog>
            }
        </>
    }
}
