//! The camera in the page: a picture in black and white a few times a second for whoever looks for a code in it, and off with the
//! page. A picture file instead, where there is no camera or it is refused.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use domain::code::dark_pixels;
use gloo_timers::callback::Interval;
use js_sys::{Object, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{
    CanvasRenderingContext2d, File, HtmlCanvasElement, HtmlVideoElement, ImageBitmap, MediaStream, MediaStreamConstraints,
    MediaStreamTrack,
};
use yew::prelude::*;

/// How often there is a picture: quick enough for a hand, and a battery lasts a day of doors.
const LOOK_EVERY_MS: u32 = 200;
/// Looks without a code after which the camera is switched off.
const LOOKS_MAX: u32 = 600;
/// Pixels of the longer side of a picture from the camera: a plate at arm's length has five for each module.
const LIVE_SIDE: f64 = 800.0;
/// Pixels of the longer side of a picture from a file: it may show the whole door.
const STILL_SIDE: f64 = 1_600.0;
/// Bytes of a picture's file.
const FILE_BYTES_MAX: f64 = 40.0 * 1024.0 * 1024.0;

/// How the camera stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CameraState {
    /// The person is being asked, or it starts.
    Starting,
    /// It looks.
    Looking,
    /// There is none, or it is not for this page.
    Refused,
    /// It looked for a while and found nothing.
    Rested,
}

/// A picture, in black and white.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture {
    /// Pixels of a row.
    pub width: u32,
    /// Rows.
    pub height: u32,
    /// The pixels as [`dark_pixels`] makes them, in base64.
    pub dark: String,
}

/// Shows the camera in `video` and gives its pictures to `on_picture`; anew with every other `run`.
#[hook]
pub fn use_camera(video: &NodeRef, run: u32, on_picture: Callback<Picture>) -> CameraState {
    let state = use_state(|| CameraState::Starting);
    // The page hears with what it knows now, not with what it knew when the camera started.
    let heard = use_mut_ref(Callback::<Picture>::noop);
    *heard.borrow_mut() = on_picture;
    use_effect_with(run, {
        let (video, state, heard) = (video.clone(), state.setter(), Rc::clone(&heard));
        move |_| {
            state.set(CameraState::Starting);
            let camera = Camera::start(video, state, move |picture| {
                let on_picture = heard.borrow().clone();
                on_picture.emit(picture);
            });
            move || drop(camera)
        }
    });
    *state
}

/// A camera that runs, or is about to. Dropped, it is off: its light must not burn when nobody looks.
struct Camera {
    gone: Rc<Cell<bool>>,
    running: Rc<RefCell<Option<Running>>>,
}

struct Running {
    stream: MediaStream,
    video: HtmlVideoElement,
    _looks: Interval,
}

impl Camera {
    fn start(video: NodeRef, state: UseStateSetter<CameraState>, on_picture: impl Fn(Picture) + 'static) -> Camera {
        let camera = Camera { gone: Rc::default(), running: Rc::default() };
        let (gone, running) = (Rc::clone(&camera.gone), Rc::clone(&camera.running));
        spawn_local(async move {
            let opened = open().await;
            // The page may be gone before the person has answered.
            if gone.get() {
                opened.iter().for_each(stop);
                return;
            }
            let (Some(stream), Some(video)) = (opened, video.cast::<HtmlVideoElement>()) else {
                state.set(CameraState::Refused);
                return;
            };
            video.set_src_object(Some(&stream));
            if let Ok(played) = video.play() {
                // What cannot be played shows nothing, and finds nothing.
                drop(JsFuture::from(played).await);
            }
            if gone.get() {
                stop(&stream);
                return;
            }
            state.set(CameraState::Looking);
            let looks = Looks { video: video.clone(), canvas: canvas(), left: Cell::new(LOOKS_MAX) };
            let rest = {
                let running = Rc::downgrade(&running);
                move || running.upgrade().and_then(|running| running.borrow_mut().take())
            };
            let interval = Interval::new(LOOK_EVERY_MS, move || match looks.look() {
                Seen::Picture(picture) => on_picture(picture),
                Seen::Nothing => {}
                Seen::Enough => {
                    state.set(CameraState::Rested);
                    // Not from inside its own timer: that is dropped with it.
                    let rest = rest.clone();
                    spawn_local(async move { drop(rest()) });
                }
            });
            *running.borrow_mut() = Some(Running { stream, video, _looks: interval });
        });
        camera
    }
}

impl Drop for Camera {
    fn drop(&mut self) {
        self.gone.set(true);
        drop(self.running.borrow_mut().take());
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.video.set_src_object(None);
        stop(&self.stream);
    }
}

fn stop(stream: &MediaStream) {
    for track in stream.get_tracks().iter() {
        if let Some(track) = track.dyn_ref::<MediaStreamTrack>() {
            track.stop();
        }
    }
}

/// The camera at the back. `None` where there is none, or nobody is allowed to use it: a page that came by a plain line is not.
async fn open() -> Option<MediaStream> {
    let devices = web_sys::window()?.navigator().media_devices().ok()?;
    let wanted = Object::new();
    let ideal = |name: &str, value: JsValue| {
        let side = Object::new();
        // A plain object takes every value.
        let _set = Reflect::set(&side, &"ideal".into(), &value);
        let _set = Reflect::set(&wanted, &name.into(), &side);
    };
    ideal("facingMode", "environment".into());
    ideal("width", 1280.into());
    ideal("height", 960.into());
    let constraints = MediaStreamConstraints::new();
    constraints.set_video(&wanted);
    let asked = devices.get_user_media_with_constraints(&constraints).ok()?;
    JsFuture::from(asked).await.ok()?.dyn_into().ok()
}

enum Seen {
    Picture(Picture),
    Nothing,
    Enough,
}

/// What is kept between two looks.
struct Looks {
    video: HtmlVideoElement,
    canvas: Option<(HtmlCanvasElement, CanvasRenderingContext2d)>,
    left: Cell<u32>,
}

impl Looks {
    fn look(&self) -> Seen {
        let Some(left) = self.left.get().checked_sub(1) else { return Seen::Enough };
        self.left.set(left);
        let Some((canvas, context)) = &self.canvas else { return Seen::Nothing };
        let size = (f64::from(self.video.video_width()), f64::from(self.video.video_height()));
        let drawn = draw(canvas, size, LIVE_SIDE, |width, height| {
            context.draw_image_with_html_video_element_and_dw_and_dh(&self.video, 0.0, 0.0, width, height)
        });
        match drawn.and_then(|(width, height)| picture(context, width, height)) {
            Some(picture) => Seen::Picture(picture),
            None => Seen::Nothing,
        }
    }
}

/// A canvas nobody sees, to read pixels from.
fn canvas() -> Option<(HtmlCanvasElement, CanvasRenderingContext2d)> {
    let canvas: HtmlCanvasElement = web_sys::window()?.document()?.create_element("canvas").ok()?.dyn_into().ok()?;
    let context = canvas.get_context("2d").ok()??.dyn_into().ok()?;
    Some((canvas, context))
}

/// Draws something of this size, made smaller so that its longer side has no more than `side` pixels.
fn draw(
    canvas: &HtmlCanvasElement,
    (width, height): (f64, f64),
    side: f64,
    paint: impl FnOnce(f64, f64) -> Result<(), JsValue>,
) -> Option<(f64, f64)> {
    let longer = width.max(height);
    if longer < 1.0 || width.min(height) < 1.0 {
        return None;
    }
    let by = (side / longer).min(1.0);
    let (width, height) = ((width * by).floor().max(1.0), (height * by).floor().max(1.0));
    // Setting a size empties the canvas and costs time: only when it changes.
    if (f64::from(canvas.width()), f64::from(canvas.height())) != (width, height) {
        canvas.set_width(width as u32);
        canvas.set_height(height as u32);
    }
    paint(width, height).ok().map(|()| (width, height))
}

/// What was drawn, in black and white: the colours of a door are not needed, and a thirtieth of the bytes goes to whoever looks
/// through them.
fn picture(context: &CanvasRenderingContext2d, width: f64, height: f64) -> Option<Picture> {
    let pixels = context.get_image_data(0.0, 0.0, width, height).ok()?;
    let (width, height) = (width as u32, height as u32);
    let dark = dark_pixels(width, height, &pixels.data().0)?;
    // The browser's own base64 takes bytes as the letters of Latin 1.
    let letters: String = dark.into_iter().map(char::from).collect();
    Some(Picture { width, height, dark: web_sys::window()?.btoa(&letters).ok()? })
}

/// Reads a picture file, and calls `done` once; with nothing, when it is none this browser can read.
pub fn read_picture(file: File, done: impl FnOnce(Option<Picture>) + 'static) {
    spawn_local(async move { done(still(&file).await) });
}

async fn still(file: &File) -> Option<Picture> {
    if file.size() > FILE_BYTES_MAX || file.size() < 1.0 {
        return None;
    }
    let made = web_sys::window()?.create_image_bitmap_with_blob(file).ok()?;
    let bitmap: ImageBitmap = JsFuture::from(made).await.ok()?.dyn_into().ok()?;
    let (canvas, context) = canvas()?;
    let size = (f64::from(bitmap.width()), f64::from(bitmap.height()));
    let drawn = draw(&canvas, size, STILL_SIDE, |width, height| {
        context.draw_image_with_image_bitmap_and_dw_and_dh(&bitmap, 0.0, 0.0, width, height)
    });
    bitmap.close();
    let (width, height) = drawn?;
    picture(&context, width, height)
}
