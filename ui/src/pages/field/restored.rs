//! A form that was found half typed says so, and offers to begin again; one whose record moved on says that.

use serde::Serialize;
use serde::de::DeserializeOwned;
use yew::prelude::*;

use crate::hooks::Draft;
use crate::parts::{Banner, Button, Look, Tone};
use crate::words::Words;

/// The lines above such a form; nothing above any other.
pub fn restored<F>(words: Words, draft: &Draft<F>) -> Html
where
    F: Clone + PartialEq + Serialize + DeserializeOwned + 'static,
{
    let on_click = {
        let draft = draft.clone();
        Callback::from(move |()| draft.discard())
    };
    html! {
        <>
            if draft.is_restored() {
                <Banner tone={Tone::Calm} text={words.draft_restored()}>
                    <Button look={Look::Small} label={words.draft_discard()} {on_click} />
                </Banner>
            }
            if draft.has_moved_on() {
                <Banner tone={Tone::Wait} text={words.draft_moved_on()} />
            }
        </>
    }
}
