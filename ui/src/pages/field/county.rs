//! “在全县查一下”: offered for a number that nobody on this phone has. It tells a village and whom to call, and nothing else.

use domain::id_document::DocType;
use ui_protocol::ErrorCode;
use ui_protocol::people::{CountyReply, LookUpCounty, RegisteredAt};
use yew::prelude::*;

use crate::hooks::use_submit;
use crate::parts::{Banner, Button, Look, Tone, Trouble};
use crate::words::{Words, use_words};

/// Properties of [`InCounty`].
#[derive(Properties, PartialEq)]
pub struct InCountyProps {
    /// Which document.
    pub doc_type: DocType,
    /// Its number, complete and right.
    pub doc_no: AttrValue,
}

/// The question and its answer. Another number is another question: the page gives this a key.
#[component(InCounty)]
pub fn in_county(props: &InCountyProps) -> Html {
    let words = use_words();
    let answer = use_state(|| None::<CountyReply>);
    let ask = use_submit::<LookUpCounty>({
        let answer = answer.setter();
        Callback::from(move |reply| answer.set(Some(reply)))
    });
    let on_click = {
        let (send, doc_type, doc_no) = (ask.send.clone(), props.doc_type, props.doc_no.clone());
        Callback::from(move |()| send.emit(LookUpCounty { doc_type, doc_no: doc_no.to_string() }))
    };
    if let Some(reply) = &*answer {
        if reply.found.is_empty() {
            return html! { <Banner tone={Tone::Good} text={words.county_none()} /> };
        }
        return html! { { for reply.found.iter().map(|found| html! { <Banner tone={Tone::Wait} text={said(words, found)} /> }) } };
    }
    html! {
        <div class="known">
            <div class="buttons-inline">
                <Button look={Look::Small} label={words.county_ask()} busy={ask.state.is_busy()} busy_label={words.county_asking()} {on_click} />
            </div>
            <p class="quiet">{ words.county_noted() }</p>
            { match ask.state.error() {
                Some(error) if error.code == ErrorCode::Unreachable => html! { <Banner tone={Tone::Wait} text={words.county_offline()} /> },
                Some(error) => html! { <Trouble error={error.clone()} /> },
                None => Html::default(),
            } }
        </div>
    }
}

fn said(words: Words, found: &RegisteredAt) -> String {
    let contacts = found.coordinators.iter().map(|contact| format!("{} {}", contact.name, contact.phone).trim().to_owned());
    words.county_found(&found.village, &contacts.collect::<Vec<_>>().join("、"))
}
