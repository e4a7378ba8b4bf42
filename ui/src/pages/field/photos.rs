//! The photos of a home: taken here, looked at, taken down. Of objects, never of people, and the page says so.

use domain::RecordId;
use ui_protocol::photos::{AddPhoto, PhotoBytes, PhotoSize, PhotoState, PhotoView, Photos, PutPhotoBack, WithdrawPhoto};
use ui_protocol::{ErrorCode, Topic, UiError};
use web_sys::HtmlInputElement;
use yew::prelude::*;

use super::history::HistoryLink;
use crate::hooks::{Answer, ReadFile, read_file, use_call, use_draft, use_frame, use_notices, use_submit};
use crate::parts::{Button, Look, NoteField, Sheet, Tag, Tone, Trouble, answered};
use crate::words::{Words, use_words};

/// Properties of [`PhotoSection`].
#[derive(Properties, PartialEq)]
pub struct PhotoSectionProps {
    /// What the photos show.
    pub of: RecordId,
}

/// Taking, looking, taking down.
#[component(PhotoSection)]
pub fn photo_section(props: &PhotoSectionProps) -> Html {
    let words = use_words();
    let asked = use_call(Photos { of: props.of, withdrawn: false }, &[Topic::Photos, Topic::Sync]);
    let open = use_state(|| None::<PhotoView>);
    let gone = use_state(|| None::<RecordId>);
    let show = |photo: Option<PhotoView>| {
        let open = open.setter();
        Callback::from(move |()| open.set(photo.clone()))
    };
    let on_withdrawn = {
        let (open, gone) = (open.setter(), gone.setter());
        Callback::from(move |photo: RecordId| {
            open.set(None);
            gone.set(Some(photo));
        })
    };
    let on_back = {
        let gone = gone.setter();
        Callback::from(move |()| gone.set(None))
    };
    html! {
        <section class="group" aria-labelledby="photos-title">
            <div class="group-head"><h2 id="photos-title" class="weui-cells__title">{ words.photos_title() }</h2></div>
            <div class="weui-cells photos-box">
                <p class="quiet">{ words.photos_limits() }</p>
                <Taking key={props.of.to_string()} of={props.of} />
                if let Some(photo) = *gone {
                    <PutBack {photo} {on_back} />
                }
                { answered(&asked, |reply| if reply.photos.is_empty() {
                    html! { <p class="quiet">{ words.photos_empty() }</p> }
                } else {
                    html! { <ul class="photos">{ for reply.photos.iter().map(|photo| tile(words, photo, show(Some(photo.clone())))) }</ul> }
                }) }
            </div>
            if let Some(photo) = &*open {
                <Whole photo={photo.clone()} on_close={show(None)} {on_withdrawn} />
            }
        </section>
    }
}

fn tone(state: PhotoState) -> Tone {
    match state {
        PhotoState::Sent => Tone::Good,
        PhotoState::NotSent | PhotoState::Sending { .. } => Tone::Wait,
        PhotoState::Elsewhere => Tone::Calm,
    }
}

fn tile(words: Words, photo: &PhotoView, on_open: Callback<()>) -> Html {
    let onclick = Callback::from(move |_: MouseEvent| on_open.emit(()));
    html! {
        <li class="photo" key={photo.id.to_string()}>
            <button type="button" class="photo-open" {onclick} aria-label={format!("{} {}", words.photo_open(), photo.note)}>
                if photo.thumb_here {
                    <Picture id={photo.id} size={PhotoSize::Small} said="" />
                } else {
                    <span class="quiet">{ words.photo_small_missing() }</span>
                }
            </button>
            <Tag text={words.photo_state(photo.state)} tone={tone(photo.state)} />
            if !photo.note.is_empty() {
                <p class="photo-note">{ &photo.note }</p>
            }
        </li>
    }
}

/// Properties of [`Picture`].
#[derive(Properties, PartialEq)]
struct PictureProps {
    id: RecordId,
    size: PhotoSize,
    /// For people who listen; empty beside a button that says it.
    said: AttrValue,
}

/// A photo itself; it never changes, so it is asked for once.
#[component(Picture)]
fn picture(props: &PictureProps) -> Html {
    let asked = use_call(PhotoBytes { photo: props.id, size: props.size }, &[]);
    match &asked.answer {
        Answer::Ready(image) => {
            html! { <img class="photo-image" src={format!("data:image/jpeg;base64,{}", image.jpeg)} alt={props.said.clone()} /> }
        }
        Answer::Waiting => html! { <span class="photo-image photo-waiting" aria-hidden="true"></span> },
        Answer::Failed(error) => html! { <Trouble error={error.clone()} again={asked.again.clone()} /> },
    }
}

/// Properties of [`Whole`].
#[derive(Properties, PartialEq)]
struct WholeProps {
    photo: PhotoView,
    on_close: Callback<()>,
    on_withdrawn: Callback<RecordId>,
}

#[component(Whole)]
fn whole(props: &WholeProps) -> Html {
    let words = use_words();
    let frame = use_frame();
    let notices = use_notices();
    let photo = &props.photo;
    let withdraw = use_submit::<WithdrawPhoto>({
        let on_withdrawn = props.on_withdrawn.clone();
        Callback::from(move |view: PhotoView| {
            notices.say(words.photo_withdrawn());
            on_withdrawn.emit(view.id);
        })
    });
    let day = match &photo.taken_on {
        Some(day) => words.plain_day(day, frame.today()),
        None => words.moment(photo.added_unix_ms, frame.today()),
    };
    html! {
        <Sheet title={if photo.note.is_empty() { words.photos_title().to_owned() } else { photo.note.clone() }} on_close={props.on_close.clone()}>
            <Picture id={photo.id} size={PhotoSize::Whole} said={words.photo_said(&photo.note, &day)} />
            <p class="quiet">{ day }</p>
            <p class="card-tags"><Tag text={words.photo_state(photo.state)} tone={tone(photo.state)} /></p>
            if let Some(error) = withdraw.state.error() {
                <Trouble error={error.clone()} />
            }
            if !photo.mine {
                <p class="quiet">{ words.photo_of_others() }</p>
            }
            <Button look={Look::Warn} label={words.photo_withdraw()} busy={withdraw.state.is_busy()} on_click={
                let (send, photo) = (withdraw.send.clone(), photo.id);
                move |()| send.emit(WithdrawPhoto { photo })
            } />
            <HistoryLink id={photo.id} />
        </Sheet>
    }
}

/// Properties of [`PutBack`].
#[derive(Properties, PartialEq)]
struct PutBackProps {
    photo: RecordId,
    on_back: Callback<()>,
}

#[component(PutBack)]
fn put_back(props: &PutBackProps) -> Html {
    let words = use_words();
    let submit = use_submit::<PutPhotoBack>({
        let on_back = props.on_back.clone();
        Callback::from(move |_| on_back.emit(()))
    });
    html! {
        <div class="photo-back" role="status">
            <p>{ words.photo_withdrawn() }</p>
            if let Some(error) = submit.state.error() {
                <Trouble error={error.clone()} />
            }
            <Button look={Look::Small} label={words.photo_put_back()} busy={submit.state.is_busy()} on_click={
                let (send, photo) = (submit.send.clone(), props.photo);
                move |()| send.emit(PutPhotoBack { photo })
            } />
        </div>
    }
}

/// Properties of [`Taking`].
#[derive(Properties, PartialEq)]
pub struct TakingProps {
    /// What the photo shows.
    pub of: RecordId,
    /// The camera alone, where several things stand in a row; else a note and the phone's pictures as well.
    #[prop_or_default]
    pub camera_only: bool,
}

/// A note, and the two ways to a photo: the camera and the phone's pictures.
#[component(Taking)]
pub fn taking(props: &TakingProps) -> Html {
    let words = use_words();
    let notices = use_notices();
    let note = use_draft(format!("photo-note:{}", props.of), String::new());
    let unread = use_state(|| None::<UiError>);
    let add = use_submit::<AddPhoto>({
        let note = note.clone();
        Callback::from(move |_| {
            note.discard();
            notices.say(words.photo_added());
        })
    });
    let on_chosen = {
        let (send, note, unread, of) = (add.send.clone(), note.clone(), unread.setter(), props.of);
        Callback::from(move |event: Event| {
            let input: HtmlInputElement = event.target_unchecked_into();
            let Some(file) = input.files().and_then(|files| files.get(0)) else { return };
            let (send, note, unread) = (send.clone(), note.form().clone(), unread.clone());
            unread.set(None);
            read_file(&file, move |read| match read {
                ReadFile::Base64(image) => send.emit(AddPhoto { of, image, note }),
                ReadFile::TooLarge => unread.set(Some(UiError::of(ErrorCode::PhotoTooLarge))),
                ReadFile::Unreadable => unread.set(Some(UiError::of(ErrorCode::PhotoDamaged))),
            });
            // So that the same file can be chosen again after it did not work.
            input.set_value("");
        })
    };
    let busy = add.state.is_busy();
    let chooser = |id: &'static str, label: &'static str, capture: Option<&'static str>| {
        let id = if props.camera_only { format!("{id}_{}", props.of) } else { id.to_owned() };
        html! {
            <label class="weui-btn button button-plain file-button" for={id.clone()} aria-disabled={busy.then_some("true")}>
                { if busy { words.photo_adding() } else { label } }
                <input {id} class="unseen" type="file" accept="image/*" {capture} disabled={busy} onchange={on_chosen.clone()} />
            </label>
        }
    };
    html! {
        <div class="photo-taking">
            if !props.camera_only {
                <NoteField id="photo_note" label={words.photo_note()} value={note.form().clone()}
                    on_change={note.set(|note, text| *note = text)} />
            }
            <div class="buttons-inline">
                { chooser("photo_take", words.photo_take(), Some("environment")) }
                if !props.camera_only {
                    { chooser("photo_choose", words.photo_choose(), None) }
                }
            </div>
            if let Some(error) = add.state.error().or(unread.as_ref()) {
                <Trouble error={error.clone()} />
            }
        </div>
    }
}
