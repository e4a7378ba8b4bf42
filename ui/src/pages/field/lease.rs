//! Too long without the server: nothing is shown before the next exchange, and nothing that was saved is lost.

use ui_protocol::session::SyncNow;
use yew::prelude::*;

use crate::hooks::{use_frame, use_submit};
use crate::parts::{Banner, Button, Look, Screen, Tone, Trouble};
use crate::words::use_words;

/// What stands before everything else until the device was in touch with the server.
#[component(LeaseOver)]
pub fn lease_over() -> Html {
    let words = use_words();
    let frame = use_frame();
    let submit = use_submit::<SyncNow>(Callback::noop());
    let waiting = frame.status.sync.waiting;
    html! {
        <Screen title={words.app_name()}>
            <div class="form">
                <div class="hero">
                    <p class="hero-title">{ words.lease_title() }</p>
                    <p>{ words.lease_help() }</p>
                </div>
                if waiting > 0 {
                    <Banner tone={Tone::Wait} text={words.lease_waiting(waiting)} />
                }
                if let Some(error) = submit.state.error() {
                    <Trouble error={error.clone()} />
                }
                <div class="thumb">
                    <Button look={Look::Primary} label={words.sync_now()} busy={submit.state.is_busy() || frame.status.sync.syncing}
                        busy_label={words.sync_running()} on_click={
                            let send = submit.send.clone();
                            move |()| send.emit(SyncNow {})
                        } />
                </div>
            </div>
        </Screen>
    }
}
