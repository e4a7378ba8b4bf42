//! A home by the plate at its door: the camera, a photo of the plate, or its number.

use std::rc::Rc;

use ui_protocol::UiError;
use ui_protocol::plates::{OpenPlate, PlateAnswer, ScanPicture};
use wasm_bindgen_futures::spawn_local;
use web_sys::HtmlInputElement;
use yew::prelude::*;
use yew_router::prelude::*;

use super::route::Route;
use crate::hooks::{CameraState, Picture, read_picture, use_asker, use_camera, use_frame, use_submit};
use crate::parts::{Button, InputKind, Look, Screen, TextField, Trouble};
use crate::words::{Words, use_words};

/// What there is to say, when no home was opened.
#[derive(Clone, Debug, PartialEq)]
enum Told {
    Answer(PlateAnswer),
    NoCode,
    Unreadable,
}

/// The page of the camera.
#[component(Scan)]
pub fn scan() -> Html {
    let words = use_words();
    let frame = use_frame();
    let navigator = use_navigator();
    let video = use_node_ref();
    let told = use_state(|| None::<Told>);
    let number = use_state(String::new);
    let reading = use_state(|| false);
    let run = use_state(|| 0u32);
    let failed = use_state(|| None::<UiError>);
    let hear = {
        let told = told.setter();
        Callback::from(move |answer: PlateAnswer| match (answer, &navigator) {
            (PlateAnswer::Home { unit, .. }, Some(navigator)) => navigator.replace(&Route::Home { id: unit }),
            (answer, _) => told.set(Some(Told::Answer(answer))),
        })
    };
    let open = use_submit::<OpenPlate>(hear.clone());
    // One picture at a time: what the camera sees meanwhile is seen again a moment later.
    let under_way = use_mut_ref(|| false);
    let look = {
        let (asker, hear, told, failed) = (use_asker(), hear, told.setter(), failed.setter());
        Callback::from(move |(Picture { width, height, dark }, live): (Picture, bool)| {
            if live && under_way.replace(true) {
                return;
            }
            let (asker, hear, told, failed, under_way) =
                (asker.clone(), hear.clone(), told.clone(), failed.clone(), Rc::clone(&under_way));
            spawn_local(async move {
                let answer = asker.ask(ScanPicture { width, height, dark, live }).await;
                if live {
                    under_way.replace(false);
                }
                match answer {
                    Ok(Some(answer)) => hear.emit(answer),
                    Ok(None) if live => {}
                    Ok(None) => told.set(Some(Told::NoCode)),
                    Err(error) => failed.set(Some(error)),
                }
            });
        })
    };
    let camera = use_camera(&video, *run, look.reform(|picture| (picture, true)));
    let on_photo = {
        let (look, told, reading) = (look, told.setter(), reading.setter());
        Callback::from(move |event: Event| {
            let input: HtmlInputElement = event.target_unchecked_into();
            let Some(file) = input.files().and_then(|files| files.get(0)) else { return };
            let (look, told, reading) = (look.clone(), told.clone(), reading.clone());
            reading.set(true);
            read_picture(file, move |picture| {
                reading.set(false);
                match picture {
                    // A photo may have been taken anywhere: it opens the home, and proves nothing.
                    Some(picture) => look.emit((picture, false)),
                    None => told.set(Some(Told::Unreadable)),
                }
            });
            input.set_value("");
        })
    };
    let onsubmit = {
        let (send, number) = (open.send.clone(), number.clone());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            send.emit(OpenPlate { text: (*number).clone() });
        })
    };
    let again = {
        let (run, told, failed) = (run.clone(), told.setter(), failed.setter());
        Callback::from(move |()| {
            told.set(None);
            failed.set(None);
            run.set(run.wrapping_add(1));
        })
    };
    let busy = *reading || open.state.is_busy();
    html! {
        <Screen title={words.scan_title()} back={Route::Homes.href()}>
            <div class={classes!("scan-view", (camera != CameraState::Looking).then_some("scan-off"))}>
                <video ref={video} class="scan-video" aria-label={words.scan_video()} autoplay=true muted=true playsinline=true></video>
                <span class="scan-aim" aria-hidden="true"></span>
            </div>
            <div class="card scan-told" role="status">
                if let Some(told) = &*told {
                    { say(words, told, frame.today()) }
                } else {
                    { stands(words, camera) }
                }
            </div>
            if let Some(error) = open.state.error().or(failed.as_ref()) {
                <Trouble error={error.clone()} />
            }
            <form class="form" {onsubmit} novalidate=true>
                <div class="weui-cells">
                    <TextField id="plate_number" label={words.scan_number()} value={(*number).clone()} kind={InputKind::Text}
                        hint={words.scan_number_hint()} max={120} on_change={
                            let number = number.setter();
                            move |text| number.set(text)
                        } />
                </div>
                <div class="buttons scan-buttons">
                    <Button look={Look::Primary} submits=true label={words.scan_open()} busy={open.state.is_busy()} />
                    <label class="weui-btn button button-plain file-button" for="plate_photo" aria-disabled={busy.then_some("true")}>
                        { if *reading { words.scan_reading() } else { words.scan_photo() } }
                        <input id="plate_photo" class="unseen" type="file" accept="image/*" capture="environment" disabled={busy} onchange={on_photo} />
                    </label>
                    if camera == CameraState::Rested || camera == CameraState::Refused {
                        <Button label={words.scan_again()} on_click={again} />
                    }
                </div>
            </form>
        </Screen>
    }
}

fn two(title: &str, help: &str) -> Html {
    html! {
        <>
            <p class="card-title">{ title }</p>
            if !help.is_empty() {
                <p class="card-detail">{ help }</p>
            }
        </>
    }
}

fn stands(words: Words, camera: CameraState) -> Html {
    match camera {
        CameraState::Starting => two(words.scan_starting(), ""),
        CameraState::Looking => two(words.scan_hint(), ""),
        CameraState::Refused => two(words.scan_refused(), words.scan_refused_help()),
        CameraState::Rested => two(words.scan_rested(), ""),
    }
}

fn say(words: Words, told: &Told, today: &str) -> Html {
    let answer = match told {
        Told::NoCode => return two(words.scan_no_code(), words.scan_no_code_help()),
        Told::Unreadable => return two(words.scan_unreadable(), words.scan_unreadable_help()),
        Told::Answer(answer) => answer,
    };
    match answer {
        PlateAnswer::Home { unit, title } => html! {
            <>
                { two(title, "") }
                <p><a class="inline-link" href={Route::Home { id: *unit }.href()}>{ words.scan_open_home() }</a></p>
            </>
        },
        PlateAnswer::Replaced { unit, title, on } => html! {
            <>
                { two(words.scan_replaced(), &words.scan_replaced_help(title, &words.plain_day(on, today))) }
                <p><a class="inline-link" href={Route::Home { id: *unit }.href()}>{ words.scan_open_home() }</a></p>
            </>
        },
        PlateAnswer::NotHere => two(words.scan_not_here(), words.scan_not_here_help()),
        PlateAnswer::NoSuchNumber => two(words.scan_no_such(), words.scan_no_such_help()),
        PlateAnswer::Foreign => two(words.scan_foreign(), words.scan_foreign_help()),
        PlateAnswer::Nothing => two(words.scan_nothing(), ""),
    }
}
