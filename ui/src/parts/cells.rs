//! Rows in groups, the way WeUI sets them.

use yew::prelude::*;

use super::{Icon, Shape};
use crate::words::use_words;

/// Properties of [`Cells`].
#[derive(Properties, PartialEq)]
pub struct CellsProps {
    /// What stands above the group.
    #[prop_or_default]
    pub title: Option<AttrValue>,
    /// What stands at the right of the title.
    #[prop_or_default]
    pub aside: Html,
    /// The rows.
    pub children: Html,
}

/// A group of rows with a title.
#[component(Cells)]
pub fn cells(props: &CellsProps) -> Html {
    html! {
        <section class="group">
            if let Some(title) = &props.title {
                <div class="group-head">
                    <h2 class="weui-cells__title">{ title }</h2>
                    { props.aside.clone() }
                </div>
            }
            <div class="weui-cells">{ props.children.clone() }</div>
        </section>
    }
}

/// Properties of [`LinkCell`].
#[derive(Properties, PartialEq)]
pub struct LinkCellProps {
    /// Where it leads.
    pub href: AttrValue,
    /// What it is called.
    pub title: AttrValue,
    /// What else tells it apart.
    #[prop_or_default]
    pub detail: AttrValue,
    /// A second line of details.
    #[prop_or_default]
    pub note: AttrValue,
    /// Tags at the right.
    #[prop_or_default]
    pub tags: Html,
}

/// A row that leads to another page.
#[component(LinkCell)]
pub fn link_cell(props: &LinkCellProps) -> Html {
    html! {
        <a class="weui-cell weui-cell_access row" href={props.href.clone()}>
            <span class="weui-cell__bd">
                <span class="row-title">{ &props.title }</span>
                if !props.detail.is_empty() {
                    <span class="row-detail">{ &props.detail }</span>
                }
                if !props.note.is_empty() {
                    <span class="row-detail">{ &props.note }</span>
                }
            </span>
            <span class="weui-cell__ft row-tags">{ props.tags.clone() }</span>
        </a>
    }
}

/// Properties of [`Fact`].
#[derive(Properties, PartialEq)]
pub struct FactProps {
    /// The name of the value.
    pub name: AttrValue,
    /// The value in words; nothing is drawn when it and the children are empty.
    #[prop_or_default]
    pub value: AttrValue,
    /// Something beside the value.
    #[prop_or_default]
    pub children: Html,
}

/// A name and its value.
#[component(Fact)]
pub fn fact(props: &FactProps) -> Html {
    if props.value.is_empty() && props.children == Html::default() {
        return Html::default();
    }
    html! {
        <div class="weui-cell fact">
            <div class="fact-name">{ &props.name }</div>
            <div class="fact-value">
                if !props.value.is_empty() {
                    <span>{ &props.value }</span>
                }
                { props.children.clone() }
            </div>
        </div>
    }
}

/// Properties of [`PhoneLink`].
#[derive(Properties, PartialEq)]
pub struct PhoneLinkProps {
    /// The number.
    pub number: AttrValue,
}

/// A number to call with one tap.
#[component(PhoneLink)]
pub fn phone_link(props: &PhoneLinkProps) -> Html {
    let words = use_words();
    html! {
        <a class="call" href={format!("tel:{}", props.number)} aria-label={words.call_number(&props.number)}>
            <Icon shape={Shape::Phone} />
            { &props.number }
        </a>
    }
}
