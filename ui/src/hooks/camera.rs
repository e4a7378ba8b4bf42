//! The camera in the page: looked through for codes a few times a second, and switched off with the page. A picture file instead,
//! where there is no camera or it is refused.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use gloo_timers::callback::Interval;
use js_sys::{Object, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{
    CanvasRenderingContext2d, File, HtmlCanvasElement, HtmlVideoElement, ImageBitmap, MediaStream, MediaStreamConstraints,
    MediaStreamTrack,
};
use yew::prelude::*;

use super::codes_in;

/// How often a picture is looked through: quick enough for a hand, and a battery lasts a day of doors.
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

/// Looks through `video` for codes, anew with every other `run`, and not at all without one; `on_code` hears each code once until
/// another one was seen.
#[hook]
pub fn use_camera(video: &NodeRef, run: Option<u32>, on_code: Callback<String>) -> CameraState {
    let state = use_state(|| CameraState::Starting);
    // The page hears with what it knows now, not with what it knew when the camera started.
    let heard = use_mut_ref(Callback::<String>::noop);
    *heard.borrow_mut() = on_code;
    use_effect_with(run, {
        let (video, state, heard) = (video.clone(), state.setter(), Rc::clone(&heard));
        move |run| {
            let camera = run.map(|_| {
                state.set(CameraState::Starting);
                Camera::start(video, state, move |code| {
                    let on_code = heard.borrow().clone();
                    on_code.emit(code);
                })
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
    fn start(video: NodeRef, state: UseStateSetter<CameraState>, on_code: impl Fn(String) + 'static) -> Camera {
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
            let looks = Looks { video: video.clone(), canvas: canvas(), last: RefCell::default(), left: Cell::new(LOOKS_MAX) };
            let rest = {
                let running = Rc::downgrade(&running);
                move || running.upgrade().and_then(|running| running.borrow_mut().take())
            };
            let interval = Interval::new(LOOK_EVERY_MS, move || match looks.look() {
                Seen::Code(code) => on_code(code),
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
    Code(String),
    Nothing,
    Enough,
}

/// What is kept between two looks.
struct Looks {
    video: HtmlVideoElement,
    canvas: Option<(HtmlCanvasElement, CanvasRenderingContext2d)>,
    /// What was heard last: a code that stays before the camera is told once.
    last: RefCell<String>,
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
        let Some(found) = drawn.and_then(|(width, height)| read(context, width, height)) else { return Seen::Nothing };
        if *self.last.borrow() == found {
            return Seen::Nothing;
        }
        found.clone_into(&mut self.last.borrow_mut());
        Seen::Code(found)
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

/// What the first code says; a plate's goes before any other.
fn read(context: &CanvasRenderingContext2d, width: f64, height: f64) -> Option<String> {
    let pixels = context.get_image_data(0.0, 0.0, width, height).ok()?;
    let mut codes = codes_in(width as usize, height as usize, &pixels.data().0);
    let plate = |code: &String| matches!(domain::plate::Scanned::read(code), domain::plate::Scanned::Plate(_));
    match codes.iter().position(plate) {
        Some(at) => Some(codes.swap_remove(at)),
        None => codes.into_iter().next(),
    }
}

/// What became of a picture file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StillCode {
    /// A code in it says this.
    Found(String),
    /// No code in it.
    None,
    /// No picture this browser can read.
    Unreadable,
}

/// Looks through a picture file for a code, and calls `done` once.
pub fn read_code(file: File, done: impl FnOnce(StillCode) + 'static) {
    spawn_local(async move {
        done(match still(&file).await {
            Some(Some(code)) => StillCode::Found(code),
            Some(None) => StillCode::None,
            None => StillCode::Unreadable,
        });
    });
}

async fn still(file: &File) -> Option<Option<String>> {
    if file.size() > FILE_BYTES_MAX || file.size() < 1.0 {
        return None;
    }
    let made = web_sys::window()?.create_image_bitmap_with_blob(file).ok()?;
    let picture: ImageBitmap = JsFuture::from(made).await.ok()?.dyn_into().ok()?;
    let (canvas, context) = canvas()?;
    let size = (f64::from(picture.width()), f64::from(picture.height()));
    let drawn = draw(&canvas, size, STILL_SIDE, |width, height| {
        context.draw_image_with_image_bitmap_and_dw_and_dh(&picture, 0.0, 0.0, width, height)
    });
    picture.close();
    let (width, height) = drawn?;
    Some(read(&context, width, height))
}
