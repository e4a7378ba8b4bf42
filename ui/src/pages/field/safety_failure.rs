//! What is said about an item that failed: what becomes of it, who mends it, to whom it is handed.

use domain::checklist::Item;
use domain::hazard::{HandedTo, Responsible};
use domain::inspection::{HazardForm, InspectionForm, Outcome};
use yew::prelude::*;

use crate::hooks::Draft;
use crate::parts::{Said, SelectField, Tag, TextField, Tone, options};
use crate::words::{Label, use_words};

/// Properties of [`Failure`].
#[derive(Properties)]
pub struct FailureProps {
    /// What failed.
    pub item: Item,
    /// The check.
    pub draft: Draft<InspectionForm>,
    /// What is said about it.
    pub hazard: HazardForm,
    /// By when it is mended, `YYYY-MM-DD`.
    pub due: Option<String>,
    /// The device's today.
    pub today: AttrValue,
    /// It was found before.
    pub known: bool,
    /// What is said beside the description.
    pub description_said: Option<Said>,
    /// What is said beside the office.
    pub handed_said: Option<Said>,
}

impl PartialEq for FailureProps {
    fn eq(&self, other: &FailureProps) -> bool {
        // The draft is the same one as long as the page is.
        self.item == other.item
            && self.hazard == other.hazard
            && self.due == other.due
            && self.known == other.known
            && self.description_said == other.description_said
            && self.handed_said == other.handed_said
    }
}

/// The sheet of a hazard, under its item.
#[component(Failure)]
pub fn failure(props: &FailureProps) -> Html {
    let words = use_words();
    let (item, hazard) = (props.item, &props.hazard);
    let change = |put: fn(&mut HazardForm, String)| {
        props.draft.set(move |form, text| put(form.hazards.entry(item.code().to_owned()).or_default(), text))
    };
    let id = |field: &str| format!("hazards.{}.{field}", item.code());
    let choose = |outcome: Outcome, label: &'static str| {
        let draft = props.draft.clone();
        let onclick = Callback::from(move |_: MouseEvent| {
            draft.change(|form| form.hazards.entry(item.code().to_owned()).or_default().outcome = outcome);
        });
        let here = hazard.outcome == outcome;
        html! { <button type="button" class="tap" aria-pressed={here.to_string()} {onclick}>{ label }</button> }
    };
    html! {
        <div class="failure" role="group" aria-label={words.check_hazard()}>
            <p class="failure-head">
                <Tag text={words.severity(item.severity())} tone={if item.severity() >= 3 { Tone::Bad } else { Tone::Wait }} />
                if let (Outcome::Noticed, Some(due), false) = (hazard.outcome, &props.due, props.known) {
                    <span class="quiet">{ words.outcome_due(due, &props.today) }</span>
                }
            </p>
            <div class="taps" role="group" aria-label={words.check_outcome()}>
                { choose(Outcome::Noticed, words.outcome_noticed()) }
                { choose(Outcome::FixedOnSpot, words.outcome_fixed()) }
                { choose(Outcome::HandedOver, words.outcome_handed()) }
            </div>
            if hazard.outcome == Outcome::HandedOver {
                <SelectField id={id("handed_to")} label={words.check_handed_to()} value={hazard.handed_to.map(Label::stored).unwrap_or_default()}
                    choices={options::<HandedTo>(words)} none={words.choose()} required=true said={props.handed_said.clone()}
                    on_change={change(|hazard, code| hazard.handed_to = HandedTo::read(&code))} />
            }
            <TextField id={id("description")} label={words.check_description()} value={hazard.description.clone()} hint={words.check_description_hint()}
                said={props.description_said.clone()} on_change={change(|hazard, text| hazard.description = text)} />
            <SelectField id={id("responsible")} label={words.check_responsible()} value={hazard.responsible.stored()}
                choices={options::<Responsible>(words)}
                on_change={change(|hazard, code| if let Some(who) = Responsible::read(&code) { hazard.responsible = who })} />
        </div>
    }
}
