//! Areas with counts: every figure opens the list behind it.

use ui_protocol::Topic;
use ui_protocol::desk::{AreaCounts, Overview as AskOverview, Staffing};
use yew::prelude::*;

use super::route::records_href;
use crate::hooks::use_call;
use crate::parts::{Empty, SearchBar, SwitchField, answered};
use crate::words::{Words, use_words};

/// The first page.
#[component(Overview)]
pub fn overview() -> Html {
    let words = use_words();
    let asked = use_call(AskOverview {}, &[Topic::Units, Topic::People, Topic::Reports, Topic::Attention]);
    let staffing = use_call(Staffing {}, &[]);
    let filter = use_state(String::new);
    let only_used = use_state(|| true);
    html! {
        <main class="desk-main">
            <h1>{ words.desk_overview() }</h1>
            <div class="desk-filters">
                <SearchBar id="filter" label={words.desk_filter()} value={(*filter).clone()} on_change={
                    let filter = filter.setter();
                    move |text| filter.set(text)
                } />
                <SwitchField id="only_used" label={words.desk_empty_areas()} value={*only_used} on_change={
                    let only_used = only_used.setter();
                    move |on| only_used.set(on)
                } />
            </div>
            { answered(&asked, |reply| {
                let wanted = filter.trim();
                let rows: Vec<&AreaCounts> = reply
                    .areas
                    .iter()
                    .filter(|area| !*only_used || area.units + area.residents + area.reports_open + area.conflicts_open + area.duplicates_open > 0)
                    .filter(|area| wanted.is_empty() || area.name.contains(wanted) || area.township.contains(wanted) || area.code.starts_with(wanted))
                    .collect();
                if rows.is_empty() { html! { <Empty title={words.desk_no_areas()} /> } } else { table(words, &rows) }
            }) }
            { answered(&staffing, |reply| html! { <p class="quiet">{ words.desk_staffing(reply) }</p> }) }
        </main>
    }
}

fn table(words: Words, rows: &[&AreaCounts]) -> Html {
    let sum = |of: fn(&AreaCounts) -> u64| rows.iter().map(|area| of(area)).sum::<u64>();
    let figure = |kind: &str, area: &str, count: u64, what: &str| {
        html! {
            <td class="figure">
                if count > 0 {
                    <a href={records_href(kind, area, "")} aria-label={format!("{what} {count}")}>{ count }</a>
                } else {
                    { count }
                }
            </td>
        }
    };
    html! {
        <div class="desk-scroll" tabindex="0" role="region" aria-label={words.desk_overview()}>
            <table class="desk-table">
                <thead>
                    <tr>
                        <th scope="col">{ words.desk_township() }</th>
                        <th scope="col">{ words.desk_area() }</th>
                        <th scope="col" class="figure">{ words.desk_units() }</th>
                        <th scope="col" class="figure">{ words.desk_residents() }</th>
                        <th scope="col" class="figure">{ words.desk_reports_open() }</th>
                        <th scope="col" class="figure">{ words.desk_conflicts_open() }</th>
                        <th scope="col" class="figure">{ words.desk_duplicates_open() }</th>
                    </tr>
                </thead>
                <tbody>
                    { for rows.iter().map(|area| html! {
                        <tr>
                            <td>{ &area.township }</td>
                            <th scope="row"><a href={records_href("residency", &area.code, "")}>{ &area.name }</a></th>
                            { figure("unit", &area.code, area.units, words.desk_units()) }
                            { figure("residency", &area.code, area.residents, words.desk_residents()) }
                            { figure("report", &area.code, area.reports_open, words.desk_reports_open()) }
                            { figure("conflict", &area.code, area.conflicts_open, words.desk_conflicts_open()) }
                            { figure("duplicate", &area.code, area.duplicates_open, words.desk_duplicates_open()) }
                        </tr>
                    }) }
                </tbody>
                <tfoot>
                    <tr>
                        <th scope="row" colspan="2">{ words.desk_total() }</th>
                        <td class="figure">{ sum(|area| area.units) }</td>
                        <td class="figure">{ sum(|area| area.residents) }</td>
                        <td class="figure">{ sum(|area| area.reports_open) }</td>
                        <td class="figure">{ sum(|area| area.conflicts_open) }</td>
                        <td class="figure">{ sum(|area| area.duplicates_open) }</td>
                    </tr>
                </tfoot>
            </table>
        </div>
    }
}
