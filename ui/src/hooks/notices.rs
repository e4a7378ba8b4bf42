//! Short messages that go by themselves, with an undo where there is one.

use gloo_timers::callback::Timeout;
use yew::prelude::*;

use crate::parts::Toast;

/// How long a message stays.
const SHOWN_MS: u32 = 5_000;
/// How long one with an undo stays.
const SHOWN_WITH_UNDO_MS: u32 = 10_000;

/// One message.
#[derive(Clone, PartialEq)]
pub struct Notice {
    /// What to say.
    pub text: AttrValue,
    /// The button's word and what it does.
    pub action: Option<(AttrValue, Callback<()>)>,
}

/// Where messages are pinned.
#[derive(Clone, PartialEq)]
pub struct Notices {
    pin: Callback<Notice>,
}

impl Notices {
    /// Says something.
    pub fn say(&self, text: impl Into<AttrValue>) {
        self.pin.emit(Notice { text: text.into(), action: None });
    }

    /// Says something that can be taken back.
    pub fn say_with(&self, text: impl Into<AttrValue>, action: impl Into<AttrValue>, undo: Callback<()>) {
        self.pin.emit(Notice { text: text.into(), action: Some((action.into(), undo)) });
    }
}

/// Properties of [`NoticeBoard`].
#[derive(Properties, PartialEq)]
pub struct NoticeBoardProps {
    /// What stands on the page.
    pub children: Html,
}

/// Shows messages over the page.
#[component(NoticeBoard)]
pub fn notice_board(props: &NoticeBoardProps) -> Html {
    let shown = use_state(|| None::<Notice>);
    let timer = use_mut_ref(|| None::<Timeout>);
    let pin = {
        let (setter, timer) = (shown.setter(), timer.clone());
        use_callback((), move |notice: Notice, ()| {
            let shown_ms = if notice.action.is_some() { SHOWN_WITH_UNDO_MS } else { SHOWN_MS };
            setter.set(Some(notice));
            let setter = setter.clone();
            *timer.borrow_mut() = Some(Timeout::new(shown_ms, move || setter.set(None)));
        })
    };
    let close = {
        let setter = shown.setter();
        Callback::from(move |()| {
            timer.borrow_mut().take();
            setter.set(None);
        })
    };
    html! {
        <ContextProvider<Notices> context={Notices { pin }}>
            { props.children.clone() }
            <Toast notice={(*shown).clone()} {close} />
        </ContextProvider<Notices>>
    }
}

/// Where messages are pinned.
#[hook]
pub fn use_notices() -> Notices {
    use_context::<Notices>().expect("every page stands below the app, which provides it")
}
