//! Choosing a region, a village or a home by typing a part of its name.

use domain::RecordId;
use ui_protocol::Topic;
use ui_protocol::lookups::{Areas, Regions};
use ui_protocol::units::ListUnits;
use yew::prelude::*;

use super::homes::{detail, unit_list};
use crate::hooks::{use_call, use_frame, use_pages, use_rested};
use crate::parts::{Choices, Combobox, Said, SearchBar};
use crate::words::use_words;

/// Properties of [`RegionPick`] and [`AreaPick`].
#[derive(Properties, PartialEq)]
pub struct PickProps {
    /// The field's name in the form.
    pub id: AttrValue,
    /// Its label.
    pub label: AttrValue,
    /// The code chosen; empty when none is.
    pub code: AttrValue,
    /// Another code was chosen, or none any more.
    pub on_change: Callback<String>,
    /// The field was left.
    #[prop_or_default]
    pub on_leave: Callback<String>,
    /// What is said beside it.
    #[prop_or_default]
    pub said: Option<Said>,
    /// What to type.
    #[prop_or_default]
    pub hint: AttrValue,
}

/// A hukou region: six digits, shown and found by name. Six digits typed are taken as they are.
#[component(RegionPick)]
pub fn region_pick(props: &PickProps) -> Html {
    let typed = use_state(|| None::<String>);
    // What is typed is looked for; what is chosen is looked up for its name.
    let query = use_rested(typed.as_deref().unwrap_or(&props.code));
    let asked = use_call(Regions { query: query.clone() }, &[]);
    let rows = asked.answer.ready().map(|reply| reply.rows.clone()).unwrap_or_default();
    let name = rows.iter().find(|row| row.code == props.code.as_str()).map(|row| row.name.clone());
    let text = (*typed).clone().unwrap_or_else(|| name.unwrap_or_else(|| props.code.to_string()));
    let choices: Choices =
        rows.iter().map(|row| (row.code.clone().into(), format!("{} {}", row.name, row.code).into())).collect();
    let on_type = {
        let (typed, on_change) = (typed.setter(), props.on_change.clone());
        Callback::from(move |text: String| {
            let code = text.trim();
            let whole = code.len() == 6 && code.bytes().all(|byte| byte.is_ascii_digit());
            on_change.emit(if whole { code.to_owned() } else { String::new() });
            typed.set((!whole).then_some(text));
        })
    };
    let on_pick = {
        let (typed, on_change) = (typed.setter(), props.on_change.clone());
        Callback::from(move |code: String| {
            on_change.emit(code);
            typed.set(None);
        })
    };
    // A choice made elsewhere (the suggestion of the document) ends the typing.
    use_effect_with(props.code.clone(), {
        let typed = typed.setter();
        move |code: &AttrValue| {
            if !code.is_empty() {
                typed.set(None);
            }
        }
    });
    // Only what fits the letters on the screen: a list that is still the last one's would be picked by mistake.
    let open = asked.is_current && typed.as_ref().is_some_and(|typed| !typed.trim().is_empty() && *typed == query);
    html! {
        <Combobox id={props.id.clone()} label={props.label.clone()} {text} {choices} {on_type} {on_pick} on_leave={props.on_leave.clone()}
            hint={props.hint.clone()} said={props.said.clone()} required=true {open} />
    }
}

/// Another village of the county.
#[component(AreaPick)]
pub fn area_pick(props: &PickProps) -> Html {
    let typed = use_state(String::new);
    let query = use_rested(&typed);
    let asked = use_call(Areas { query: query.clone() }, &[]);
    let frame = use_frame();
    // One's own villages are moved to, not handed over to.
    let own = |code: &str| frame.status.areas.iter().any(|area| area.code == code);
    let rows: Vec<_> =
        asked.answer.ready().map(|reply| reply.rows.iter().filter(|row| !own(&row.code)).cloned().collect()).unwrap_or_default();
    let choices: Choices =
        rows.iter().map(|row| (row.code.clone().into(), format!("{}{}", row.township, row.name).into())).collect();
    let on_type = {
        let (typed, on_change) = (typed.setter(), props.on_change.clone());
        Callback::from(move |text: String| {
            on_change.emit(String::new());
            typed.set(text);
        })
    };
    let on_pick = {
        let (typed, on_change, choices) = (typed.setter(), props.on_change.clone(), choices.clone());
        Callback::from(move |code: String| {
            if let Some((_, name)) = choices.iter().find(|(of_row, _)| of_row.as_str() == code) {
                typed.set(name.to_string());
            }
            on_change.emit(code);
        })
    };
    let open = asked.is_current && props.code.is_empty() && !typed.trim().is_empty() && *typed == query;
    html! {
        <Combobox id={props.id.clone()} label={props.label.clone()} text={(*typed).clone()} {choices} {on_type} {on_pick}
            on_leave={props.on_leave.clone()} hint={props.hint.clone()} said={props.said.clone()} required=true {open} />
    }
}

/// Properties of [`HomePick`].
#[derive(Properties, PartialEq)]
pub struct HomePickProps {
    /// One home was chosen.
    pub on_pick: Callback<RecordId>,
}

/// One of the homes of this device.
#[component(HomePick)]
pub fn home_pick(props: &HomePickProps) -> Html {
    let words = use_words();
    let typed = use_state(String::new);
    let query = use_rested(&typed);
    let listed = use_pages(ListUnits { query: query.clone(), ..ListUnits::default() }, &[Topic::Units]);
    html! {
        <>
            <SearchBar id="search" label={words.homes_search()} value={(*typed).clone()} on_change={
                let typed = typed.setter();
                move |text| typed.set(text)
            } />
            { unit_list(words, &listed, query.is_empty(), |row| {
                let onclick = {
                    let (on_pick, id) = (props.on_pick.clone(), row.id);
                    Callback::from(move |_: MouseEvent| on_pick.emit(id))
                };
                html! {
                    <button type="button" key={row.id.to_string()} class="weui-cell weui-cell_access row row-button" {onclick}>
                        <span class="weui-cell__bd">
                            <span class="row-title">{ &row.title }</span>
                            <span class="row-detail">{ detail(words, row) }</span>
                        </span>
                        <span class="weui-cell__ft"></span>
                    </button>
                }
            }) }
        </>
    }
}
