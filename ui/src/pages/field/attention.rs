//! Conflicts with both values side by side, and saves the server refused.

use domain::kind;
use ui_protocol::Topic;
use ui_protocol::attention::{
    Attention as AskAttention, Choice, ConflictView, Discard, RefusedView, Resend, SettleConflict, SideView,
};
use yew::prelude::*;

use super::contradiction::TwoWords;
use super::route::Route;
use super::same::Duplicate;
use crate::hooks::{Frame, use_call, use_frame, use_notices, use_submit};
use crate::pages::shared;
use crate::parts::{Banner, Button, Dialog, Empty, Look, Screen, Tone, Trouble, answered};
use crate::words::{Words, use_words};

/// The tray.
#[component(Attention)]
pub fn attention() -> Html {
    let words = use_words();
    let asked = use_call(AskAttention {}, &[Topic::Attention, Topic::Sync]);
    html! {
        <Screen title={words.attention_title()} back={Route::Me.href()}>
            { answered(&asked, |reply| {
                let asked = reply.conflicts.len() + reply.duplicates.len() + reply.contradictions.len();
                if asked == 0 && reply.refused.is_empty() {
                    return html! { <Empty title={words.attention_empty()} help={words.attention_empty_help()} /> };
                }
                html! {
                    <>
                        <Banner tone={Tone::Calm} text={words.nothing_is_lost()} />
                        if !reply.conflicts.is_empty() {
                            <h2 class="weui-cells__title">{ words.attention_conflicts() }</h2>
                        }
                        { for reply.conflicts.iter().map(|conflict| html! { <Conflict key={conflict.id.to_string()} conflict={conflict.clone()} /> }) }
                        if !reply.contradictions.is_empty() {
                            <h2 class="weui-cells__title">{ words.contradictions_title() }</h2>
                        }
                        { for reply.contradictions.iter().map(|between| html! { <TwoWords key={between.residency.to_string()} between={between.clone()} /> }) }
                        if !reply.duplicates.is_empty() {
                            <h2 class="weui-cells__title">{ words.same_title() }</h2>
                        }
                        { for reply.duplicates.iter().map(|duplicate| html! { <Duplicate key={duplicate.id.to_string()} duplicate={duplicate.clone()} /> }) }
                        if !reply.refused.is_empty() {
                            <h2 class="weui-cells__title">{ words.attention_refused() }</h2>
                        }
                        { for reply.refused.iter().map(|refused| html! { <Refused key={refused.txn.to_string()} refused={refused.clone()} /> }) }
                    </>
                }
            }) }
        </Screen>
    }
}

/// Properties of [`Conflict`].
#[derive(Properties, PartialEq)]
struct ConflictProps {
    conflict: ConflictView,
}

#[component(Conflict)]
fn conflict(props: &ConflictProps) -> Html {
    let words = use_words();
    let frame = use_frame();
    let areas = own_areas(&frame);
    let notices = use_notices();
    let conflict = &props.conflict;
    let submit = use_submit::<SettleConflict>(Callback::from(move |_| notices.say(words.settled())));
    let settle = |choice: Choice| {
        let (send, id) = (submit.send.clone(), conflict.id);
        Callback::from(move |()| send.emit(SettleConflict { id, choice }))
    };
    let (use_lost, keep) =
        if conflict.lost.mine { (words.use_mine(), words.keep()) } else { (words.use_lost(), words.keep_stands()) };
    html! {
        <article class="clash">
            <h3 class="clash-title">{ format!("{} · {}", conflict.title, words.group(&conflict.group)) }</h3>
            <p class="quiet">{ words.clash(conflict.why) }</p>
            <div class="sides">
                { match &conflict.stands {
                    Some(stands) => side(words, words.side_stands(), &conflict.group, stands, frame.today(), &areas),
                    None => html! { <div class="side"><p class="side-name">{ words.side_stands() }</p><p class="quiet">{ words.side_hidden() }</p></div> },
                } }
                { side(words, if conflict.lost.mine { words.side_mine() } else { words.side_lost() }, &conflict.group, &conflict.lost, frame.today(), &areas) }
            </div>
            if let Some(error) = submit.state.error() {
                <Trouble error={error.clone()} />
            }
            <div class="buttons-inline">
                if conflict.can_restore {
                    <Button look={Look::Primary} label={use_lost} busy={submit.state.is_busy()} on_click={settle(Choice::Restore)} />
                }
                <Button label={keep} busy={submit.state.is_busy()} on_click={settle(Choice::Keep)} />
                if let Some(href) = record_link(conflict) {
                    <a class="weui-btn button button-plain" {href}>{ words.open_record() }</a>
                }
            </div>
        </article>
    }
}

fn side(words: Words, name: &str, group: &str, side: &SideView, today: &str, areas: &[(String, String)]) -> Html {
    let by = if side.mine { words.history_me().to_owned() } else { words.who(&side.by) };
    let empty = if side.fields.is_empty() { words.value_deleted() } else { words.value_empty() };
    html! {
        <div class="side">
            <p class="side-name">{ name }</p>
            <p class="quiet">{ words.side_by(&by, &words.moment(side.at_unix_ms, today)) }</p>
            { shared::values(words, group, &shared::with_area_names(&side.fields, areas), today, empty) }
        </div>
    }
}

/// The villages of this device by code.
fn own_areas(frame: &Frame) -> Vec<(String, String)> {
    frame.status.areas.iter().map(|area| (area.code.clone(), area.name.clone())).collect()
}

fn record_link(conflict: &ConflictView) -> Option<AttrValue> {
    let id = conflict.record;
    let route = match conflict.kind.as_str() {
        kind::UNIT => Route::Home { id },
        kind::PERSON => Route::Person { id },
        kind::REPORT => Route::Report { id },
        _ => return None,
    };
    Some(route.href())
}

/// Properties of [`Refused`].
#[derive(Properties, PartialEq)]
struct RefusedProps {
    refused: RefusedView,
}

#[component(Refused)]
fn refused(props: &RefusedProps) -> Html {
    let words = use_words();
    let frame = use_frame();
    let areas = own_areas(&frame);
    let notices = use_notices();
    let asking = use_state(|| false);
    let refused = &props.refused;
    let txn = refused.txn;
    let resend = use_submit::<Resend>({
        let notices = notices.clone();
        Callback::from(move |_| notices.say(words.resent()))
    });
    let discard = use_submit::<Discard>(Callback::from(move |_| notices.say(words.discarded())));
    let show = |on: bool| {
        let asking = asking.setter();
        Callback::from(move |()| asking.set(on))
    };
    html! {
        <article class="clash">
            <p class="clash-title">{ words.refusal(&refused.why) }</p>
            <p class="quiet">{ words.moment(refused.at_unix_ms, frame.today()) }</p>
            { for refused.parts.iter().map(|part| html! {
                <div class="side">
                    <p class="side-name">{ if part.title.is_empty() { words.kind(&part.kind).to_owned() } else { format!("{} · {}", words.kind(&part.kind), part.title) } }</p>
                    { for part.groups.iter().map(|(group, fields)| html! {
                        <>
                            <p class="quiet">{ words.group(group) }</p>
                            { shared::values(words, group, &shared::with_area_names(fields, &areas), frame.today(), words.value_empty()) }
                        </>
                    }) }
                </div>
            }) }
            if let Some(error) = resend.state.error().or(discard.state.error()) {
                <Trouble error={error.clone()} />
            }
            <div class="buttons-inline">
                if refused.can_resend {
                    <Button look={Look::Primary} label={words.resend()} busy={resend.state.is_busy()} on_click={
                        let send = resend.send.clone();
                        move |()| send.emit(Resend { txn })
                    } />
                }
                <Button look={Look::Warn} label={words.discard()} on_click={show(true)} />
            </div>
            if *asking {
                <Dialog title={words.discard()} text={words.discard_ask()} confirm={words.discard()} warn=true busy={discard.state.is_busy()} on_cancel={show(false)}
                    on_confirm={
                        let send = discard.send.clone();
                        move |()| send.emit(Discard { txn })
                    } />
            }
        </article>
    }
}
