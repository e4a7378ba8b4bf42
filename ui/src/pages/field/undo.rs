//! Taking back what was just entered by mistake, from the message that says it was saved.

use domain::RecordId;
use ui_protocol::people::UndoMistake;
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;
use yew_router::prelude::*;

use super::route::Route;
use crate::hooks::{use_asker, use_notices};
use crate::words::use_words;

/// Takes a home or a person back and goes to the page given. It works after the page it was made on is gone.
#[hook]
pub fn use_undo() -> Callback<(RecordId, Route)> {
    let words = use_words();
    let asker = use_asker();
    let notices = use_notices();
    let navigator = use_navigator();
    Callback::from(move |(record, route): (RecordId, Route)| {
        let (asker, notices, navigator) = (asker.clone(), notices.clone(), navigator.clone());
        spawn_local(async move {
            match asker.ask(UndoMistake { record }).await {
                Ok(_) => {
                    if let Some(navigator) = navigator {
                        navigator.replace(&route);
                    }
                    notices.say(words.home_undone());
                }
                Err(error) => notices.say(words.failure(&error)),
            }
        });
    })
}
