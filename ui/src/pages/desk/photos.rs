//! The photos of a record: small ones in rows, the whole one over the page, and what has not arrived, from whom, since when.

use ui_protocol::photos::{PhotoSize, StationPhoto, StationPhotoBytes};
use yew::prelude::*;

use crate::hooks::{Answer, use_call};
use crate::parts::{Sheet, Tag, Tone, Trouble};
use crate::words::{Words, use_words};

/// Properties of [`Photos`].
#[derive(Properties, PartialEq)]
pub struct PhotosProps {
    /// The photos, the newest first.
    pub photos: Vec<StationPhoto>,
    /// The server's today.
    pub today: AttrValue,
}

/// Looking at them; nothing is changed here.
#[component(Photos)]
pub fn photos(props: &PhotosProps) -> Html {
    let words = use_words();
    let open = use_state(|| None::<StationPhoto>);
    let show = |photo: Option<StationPhoto>| {
        let open = open.setter();
        Callback::from(move |()| open.set(photo.clone()))
    };
    if props.photos.is_empty() {
        return Html::default();
    }
    html! {
        <section class="group" aria-labelledby="photos-title">
            <div class="group-head"><h3 id="photos-title" class="weui-cells__title">{ words.photos_title() }</h3></div>
            <div class="weui-cells photos-box">
                <p class="quiet">{ words.station_photo_noted() }</p>
                <ul class="photos">{ for props.photos.iter().map(|photo| tile(words, photo, &props.today, show(Some(photo.clone())))) }</ul>
            </div>
            if let Some(photo) = &*open {
                <Sheet title={title(words, photo)} on_close={show(None)}>
                    <Whole photo={photo.clone()} today={props.today.clone()} />
                </Sheet>
            }
        </section>
    }
}

fn title(words: Words, photo: &StationPhoto) -> String {
    if photo.note.is_empty() { words.photos_title().to_owned() } else { photo.note.clone() }
}

fn tile(words: Words, photo: &StationPhoto, today: &str, on_open: Callback<()>) -> Html {
    let onclick = Callback::from(move |_: MouseEvent| on_open.emit(()));
    let by = words.station_photo_by(photo, today);
    html! {
        <li class="photo" key={photo.id.to_string()}>
            <button type="button" class="photo-open" {onclick} aria-label={format!("{} {} {by}", words.photo_open(), photo.note)}>
                if photo.small_here {
                    <Picture photo={photo.clone()} size={PhotoSize::Small} said="" />
                } else {
                    <span class="quiet">{ words.station_photo_small_missing() }</span>
                }
            </button>
            if !photo.whole_here {
                <Tag text={words.station_photo_missing()} tone={Tone::Wait} />
            }
            if !photo.note.is_empty() {
                <p class="photo-note">{ &photo.note }</p>
            }
            <p class="photo-note quiet">{ by }</p>
        </li>
    }
}

/// Properties of [`Whole`].
#[derive(Properties, PartialEq)]
struct WholeProps {
    photo: StationPhoto,
    today: AttrValue,
}

#[component(Whole)]
fn whole(props: &WholeProps) -> Html {
    let words = use_words();
    let photo = &props.photo;
    let day = match &photo.taken_on {
        Some(day) => words.plain_day(day, &props.today),
        None => words.moment(photo.added_unix_ms, &props.today),
    };
    if !photo.whole_here {
        return html! {
            <>
                if photo.small_here {
                    <Picture photo={photo.clone()} size={PhotoSize::Small} said={words.photo_said(&photo.note, &day)} />
                }
                <p><Tag text={words.station_photo_missing()} tone={Tone::Wait} /></p>
                <p>{ words.station_photo_awaited(photo, &props.today) }</p>
            </>
        };
    }
    html! {
        <>
            <Picture photo={photo.clone()} size={PhotoSize::Whole} said={words.photo_said(&photo.note, &day)} />
            <p class="quiet">{ words.station_photo_by(photo, &props.today) }</p>
        </>
    }
}

/// Properties of [`Picture`].
#[derive(Properties, PartialEq)]
struct PictureProps {
    photo: StationPhoto,
    size: PhotoSize,
    /// For people who listen; empty beside a button that says it.
    said: AttrValue,
}

/// A photo itself; it never changes, so it is asked for once.
#[component(Picture)]
fn picture(props: &PictureProps) -> Html {
    let asked = use_call(StationPhotoBytes { photo: props.photo.id, size: props.size }, &[]);
    match &asked.answer {
        Answer::Ready(image) => {
            html! { <img class="photo-image" src={format!("data:image/jpeg;base64,{}", image.jpeg)} alt={props.said.clone()} /> }
        }
        Answer::Waiting => html! { <span class="photo-image photo-waiting" aria-hidden="true"></span> },
        Answer::Failed(error) => html! { <Trouble error={error.clone()} again={asked.again.clone()} /> },
    }
}
