//! What the resident is shown and given: the acceptance slip, and the card that says what a permit is for.

use domain::RecordId;
use ui_protocol::Topic;
use ui_protocol::permits::{PermitSlip as AskSlip, PermitsOf, SlipView};
use yew::prelude::*;

use super::route::Route;
use crate::hooks::{use_call, use_frame};
use crate::parts::{Button, Cells, Fact, Look, Screen, answered};
use crate::words::{Words, use_words};

/// Properties of [`PermitSlip`].
#[derive(Properties, PartialEq)]
pub struct SlipProps {
    /// Who.
    pub id: RecordId,
    /// The application.
    pub application: RecordId,
}

/// The slip: to be shown, and to be printed where there is a printer.
#[component(PermitSlip)]
pub fn permit_slip(props: &SlipProps) -> Html {
    let words = use_words();
    let frame = use_frame();
    let id = props.id;
    let asked = use_call(AskSlip { application: props.application }, &[Topic::People, Topic::Sync]);
    let on_print = Callback::from(|()| {
        if let Some(window) = web_sys::window() {
            // A window that cannot print does nothing; the slip is on the screen all the same.
            let _printed = window.print();
        }
    });
    html! {
        <Screen title={words.permit_slip()} back={Route::Permits { id }.href()}
            thumb={html! { <Button look={Look::Primary} label={words.permit_print()} on_click={on_print} /> }}>
            { answered(&asked, |slip| facts(words, slip, frame.today())) }
        </Screen>
    }
}

fn facts(words: Words, slip: &SlipView, today: &str) -> Html {
    let view = &slip.application;
    let given: Vec<&str> = view.given.iter().map(|material| words.label(*material)).collect();
    let due = match &view.due {
        Some(due) => words.day(&due.on, today),
        None => words.permit_no_due().to_owned(),
    };
    let number = if view.slip_no.is_empty() { words.permit_slip_waiting().to_owned() } else { view.slip_no.clone() };
    html! {
        <article class="slip">
            <Cells>
                <Fact name={words.permit_slip_no()} value={number} />
                <Fact name={words.field_name()} value={slip.name.clone()} />
                <Fact name={words.label(slip.doc_type)} value={slip.document.clone()} />
                <Fact name={words.permit_ask_kind()} value={words.label(view.kind)} />
                <Fact name={words.permit_ground()} value={view.ground.map(|ground| words.label(ground)).unwrap_or_default()} />
                <Fact name={words.permit_months()} value={view.months.map(|months| months.to_string()).unwrap_or_default()} />
                <Fact name={words.permit_given()} value={given.join(words.pick("、", ", "))} />
                <Fact name={words.permit_accepted_on()} value={words.day(&view.accepted_on, today)} />
                <Fact name={words.permit_due()} value={due}>
                    if view.due.as_ref().is_some_and(|due| due.no_holiday_data) {
                        <span class="quiet">{ words.no_holiday_data() }</span>
                    }
                    if !view.due_rule.is_empty() {
                        <span class="quiet">{ words.rule(&view.due_rule) }</span>
                    }
                </Fact>
                <Fact name={words.permit_village()} value={slip.village.clone()} />
            </Cells>
            <p class="form-about">{ words.permit_slip_about() }{ " " }{ words.permit_slip_masked() }</p>
        </article>
    }
}

/// Properties of [`PermitInfo`].
#[derive(Properties, PartialEq)]
pub struct InfoProps {
    /// Whose page it was opened from.
    pub id: RecordId,
}

/// What a permit is for and how one gets it, for the resident to read.
#[component(PermitInfo)]
pub fn permit_info(props: &InfoProps) -> Html {
    let words = use_words();
    let id = props.id;
    let asked = use_call(PermitsOf { person: id }, &[]);
    html! {
        <Screen title={words.permit_info()} back={Route::Permits { id }.href()}>
            <p class="form-about">{ words.permit_info_about() }</p>
            { answered(&asked, |reply| match &reply.rules {
                Some(rules) => html! {
                    <>
                    <section class="card help">
                        <h2 class="card-title">{ words.permit_info_conditions() }</h2>
                        <ul class="info-list">{ for words.permit_conditions(rules).into_iter().map(|line| html! { <li>{ line }</li> }) }</ul>
                        <p>{ words.permit_info_free() }</p>
                        <p class="quiet">{ words.rule(&rules.pack) }</p>
                    </section>
                    { for words.permit_gives(&rules.pack).into_iter().map(|(title, lines, source)| html! {
                        <section class="card help">
                            <h2 class="card-title">{ title }</h2>
                            <ol class="info-list">{ for lines.into_iter().map(|line| html! { <li>{ line }</li> }) }</ol>
                            <p class="quiet">{ source }</p>
                        </section>
                    }) }
                    </>
                },
                None => Html::default(),
            }) }
        </Screen>
    }
}
