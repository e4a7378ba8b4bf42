//! How the work stands with the server; where to go from here.

use ui_protocol::UiError;
use ui_protocol::lock::Lock;
use ui_protocol::photos::{PhotosStatus, SendPhotos};
use ui_protocol::session::{SameScope, SignOut, SyncNow, SyncStatus, SyncStop};
use yew::prelude::*;

use super::route::Route;
use super::today::FirstSync;
use crate::hooks::{use_frame, use_submit};
use crate::parts::{Banner, Button, Cells, Dialog, Fact, Icon, LinkCell, Look, Screen, Shape, Tag, Tone, Trouble};
use crate::words::{Words, use_words};

/// The last tab.
#[component(Me)]
pub fn me() -> Html {
    let words = use_words();
    let frame = use_frame();
    let status = &frame.status;
    let who =
        status.account.as_ref().map(|account| format!("{} · {}", account.name, words.role(account.role))).unwrap_or_default();
    let attention = frame.attention();
    html! {
        <Screen title={words.tab_me()}>
            <div class="card"><p class="card-title">{ who }</p></div>
            <Sync />
            <Cells>
                if !frame.is_landlord() {
                    <LinkCell href={Route::Evening.href()} title={words.evening_title()} detail={words.evening_open_help()} />
                }
                <LinkCell href={Route::Attention.href()} title={words.attention_title()}
                    detail={if attention > 0 { words.attention_count(status.sync.conflicts_open, status.sync.refused_open) } else { words.attention_empty().to_owned() }}
                    tags={if attention > 0 { html! { <Tag text={attention.to_string()} tone={Tone::Bad} /> } } else { Html::default() }} />
                <LinkCell href={Route::Proof.href()} title={words.proof_title()} />
                <LinkCell href={Route::Why.href()} title={words.why_title()} />
                <LinkCell href={Route::Settings.href()} title={words.settings_title()} />
                if status.lock.lockable {
                    <LinkCell href={Route::Pin.href()} title={words.pin_title()} detail={if status.lock.pin { words.pin_is_set() } else { words.pin_none() }} />
                }
                <LinkCell href={Route::Help.href()} title={words.help_title()} />
            </Cells>
            { scopes(words, &status.sync.scopes) }
            <Cells title={words.device_title()}>
                <Fact name={words.device_number()} value={status.device.map(|device| device.to_string()).unwrap_or_default()} />
                <Fact name={words.device_server()} value={status.server.clone()} />
                <Fact name={words.device_areas()} value={status.areas.iter().map(|area| area.name.as_str()).collect::<Vec<_>>().join("、")} />
                if status.lock.lockable {
                    <Fact name={words.file_encrypted()} value={if status.lock.encrypted { words.file_is_encrypted() } else { words.file_is_plain() }} />
                }
                <Fact name={words.device_version()} value={status.version.clone()} />
            </Cells>
            <Leave />
        </Screen>
    }
}

/// Saved, on the server, receipt; what waits and why; the button.
#[component(Sync)]
fn sync() -> Html {
    let words = use_words();
    let frame = use_frame();
    let sync = &frame.status.sync;
    let now = use_submit::<SyncNow>(Callback::noop());
    let stop = use_submit::<SyncStop>(Callback::noop());
    let running = sync.syncing || now.state.is_busy();
    html! {
        <section class="sync" aria-label={words.sync_title()}>
            <p class="sync-line" data-testid="sync-line">
                // The line breaks between its numbers, never inside one.
                { for words.sync_line(sync, frame.today()).split_inclusive(" · ").map(|part| html! { <span>{ part.to_owned() }</span> }) }
            </p>
            if let Some(trouble) = words.sync_trouble(sync) {
                <p class="sync-trouble">{ trouble }</p>
            }
            if sync.held > 0 {
                <Banner tone={Tone::Wait} text={words.held_count(sync.held)} />
            }
            <p class="sync-state" role="status">{ sync_state(words, sync, running) }</p>
            if let Some(progress) = &sync.progress {
                <FirstSync progress={progress.clone()} />
            }
            if let Some(problem) = sync.problem.filter(|_| !running) {
                <Trouble error={UiError { waiting: sync.waiting, ..UiError::of(problem) }} />
            }
            if let Some(lifted) = &sync.lifted {
                <Banner tone={Tone::Wait} text={words.lifted(lifted)} />
            }
            if let Some(rescue) = sync.rescue {
                <Banner tone={Tone::Wait} text={words.rescue(rescue)} />
            } else if let Some(renewed) = &sync.renewed {
                <p class="quiet">{ words.renewed(renewed.why) }</p>
            }
            if sync.photos.waiting > 0 {
                <PhotosWaiting photos={sync.photos.clone()} />
            }
            if let Some(ahead_ms) = sync.clock_ahead_ms {
                <Banner tone={Tone::Wait} text={words.clock_ahead(ahead_ms)} />
            }
            if let Some(error) = now.state.error().filter(|error| sync.problem != Some(error.code)) {
                <Trouble error={error.clone()} />
            }
            if running {
                <Button label={words.sync_stop()} busy={stop.state.is_busy()} on_click={
                    let send = stop.send.clone();
                    move |()| send.emit(SyncStop {})
                } />
            } else {
                <Button look={Look::Primary} label={words.sync_now()} on_click={
                    let send = now.send.clone();
                    move |()| send.emit(SyncNow {})
                } />
            }
        </section>
    }
}

/// Properties of [`PhotosWaiting`].
#[derive(Properties, PartialEq)]
struct PhotosWaitingProps {
    photos: PhotosStatus,
}

/// Photos still to be sent, and why they are not.
#[component(PhotosWaiting)]
fn photos_waiting(props: &PhotosWaitingProps) -> Html {
    let words = use_words();
    let photos = &props.photos;
    let now = use_submit::<SendPhotos>(Callback::noop());
    let why = match (photos.sending, photos.held_for_wifi, photos.problem) {
        (true, ..) => Some(words.photos_sending()),
        (_, true, _) => Some(words.photos_held()),
        (_, _, Some(_)) => Some(words.photos_lost_line()),
        _ => None,
    };
    html! {
        <div class="photos-waiting" data-testid="photos-waiting">
            <p class="sync-state" role="status"><Tag text={words.photos_waiting(photos)} tone={Tone::Wait} /></p>
            if let Some(why) = why {
                <p class="quiet">{ why }</p>
            }
            if !photos.sending {
                <Button label={words.photos_send_now()} busy={now.state.is_busy()} on_click={
                    let send = now.send.clone();
                    move |()| send.emit(SendPhotos {})
                } />
            }
        </div>
    }
}

/// Green means on the server, and nothing else is green.
fn sync_state(words: Words, sync: &SyncStatus, running: bool) -> Html {
    let (shape, tone, text) = if running {
        (Shape::Sync, Tone::Wait, words.sync_running().to_owned())
    } else if sync.waiting > 0 {
        (Shape::Wait, Tone::Wait, words.waiting_count(sync.waiting))
    } else if sync.receipt_unix_ms.is_none() {
        (Shape::Wait, Tone::Wait, words.sync_never().to_owned())
    } else {
        (Shape::Good, Tone::Good, words.sync_all_there().to_owned())
    };
    html! { <span class={classes!("tag", tone.class())}><Icon {shape} />{ text }</span> }
}

fn scopes(words: Words, scopes: &[SameScope]) -> Html {
    if scopes.is_empty() {
        return Html::default();
    }
    html! {
        <Cells title={words.sync_scopes()}>
            { for scopes.iter().map(|scope| {
                let (text, tone) = match scope.same {
                    Some(true) => (words.scope_same(), Tone::Good),
                    Some(false) => (words.scope_different(), Tone::Bad),
                    None => (words.scope_unknown(), Tone::Wait),
                };
                html! {
                    <Fact name={words.scope_name(&scope.name)} value={words.records_here(scope.count)}><Tag {text} {tone} /></Fact>
                }
            }) }
        </Cells>
    }
}

#[component(Leave)]
fn leave() -> Html {
    let words = use_words();
    let frame = use_frame();
    let asking = use_state(|| false);
    let submit = use_submit::<SignOut>(Callback::noop());
    let lock = use_submit::<Lock>(Callback::noop());
    if frame.status.lock.pin {
        return html! {
            <div class="buttons">
                <Button label={words.lock_now()} busy={lock.state.is_busy()} on_click={
                    let send = lock.send.clone();
                    move |()| send.emit(Lock {})
                } />
            </div>
        };
    }
    let show = |on: bool| {
        let asking = asking.setter();
        Callback::from(move |()| asking.set(on))
    };
    html! {
        <div class="buttons">
            <Button label={words.sign_out()} on_click={show(true)} />
            if *asking {
                <Dialog title={words.sign_out()} text={words.sign_out_ask()} confirm={words.sign_out()} busy={submit.state.is_busy()} on_cancel={show(false)}
                    on_confirm={
                        let send = submit.send.clone();
                        move |()| send.emit(SignOut {})
                    } />
            }
        </div>
    }
}
