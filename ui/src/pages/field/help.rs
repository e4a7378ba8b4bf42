//! A page of help: what green means, working offline, whom to call.

use yew::prelude::*;

use super::route::Route;
use crate::parts::Screen;
use crate::words::use_words;

/// The help page.
#[component(Help)]
pub fn help() -> Html {
    let words = use_words();
    let rows = [
        (words.help_green_title(), words.help_green()),
        (words.help_offline_title(), words.help_offline()),
        (words.help_conflict_title(), words.help_conflict()),
        (words.help_lost_title(), words.help_lost()),
        (words.help_call_title(), words.help_call()),
    ];
    html! {
        <Screen title={words.help_title()} back={Route::Me.href()}>
            { for rows.into_iter().map(|(title, text)| html! {
                <section class="card help">
                    <h2 class="card-title">{ title }</h2>
                    <p>{ text }</p>
                </section>
            }) }
        </Screen>
    }
}
