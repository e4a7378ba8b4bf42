//! Work that was left half done, on the first page: nothing while there is none.

use ui_protocol::Topic;
use ui_protocol::lookups::{OpenFormKind, OpenForms};
use yew::prelude::*;

use super::route::Route;
use crate::hooks::{use_call, use_frame};
use crate::parts::{Cells, LinkCell, Tag, Tone};
use crate::words::use_words;

/// Checks, letters and applications to go on with.
#[component(OpenFormList)]
pub fn open_form_list() -> Html {
    let words = use_words();
    let frame = use_frame();
    let asked = use_call(OpenForms {}, &[Topic::Forms, Topic::Units, Topic::People, Topic::Sync]);
    let Some(open) = asked.answer.ready().filter(|open| !open.rows.is_empty()) else {
        return Html::default();
    };
    html! {
        <Cells title={words.half_done_title()}>
            { for open.rows.iter().map(|row| {
                let id = row.of;
                let (route, what) = match row.kind {
                    OpenFormKind::Check => (Route::SafetyCheck { id }, words.half_done_check()),
                    OpenFormKind::Letter => (Route::Letter { id }, words.half_done_letter()),
                    OpenFormKind::Permit => (Route::ApplyPermit { id }, words.half_done_permit()),
                };
                let detail = format!("{what} · {}", words.half_done_since(&words.moment(row.kept_unix_ms, frame.today())));
                let tags = html! { <Tag text={words.visit_go_on_short()} tone={Tone::Wait} /> };
                html! { <LinkCell key={format!("{:?} {id}", row.kind)} href={route.href()} title={row.title.clone()} {detail} {tags} /> }
            }) }
        </Cells>
    }
}
