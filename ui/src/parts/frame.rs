//! A page's head, body and thumb, and the tabs below.

use web_sys::HtmlElement;
use yew::prelude::*;

use super::{Icon, Shape};
use crate::words::use_words;

/// Properties of [`Screen`].
#[derive(Properties, PartialEq)]
pub struct ScreenProps {
    /// What the page is called.
    pub title: AttrValue,
    /// Where back leads; nothing on the first pages.
    #[prop_or_default]
    pub back: Option<AttrValue>,
    /// Something at the right of the title.
    #[prop_or_default]
    pub aside: Html,
    /// The one thing this page is for, at the thumb.
    #[prop_or_default]
    pub thumb: Html,
    /// The page.
    pub children: Html,
}

/// A page. Opening it begins at its top, and its title is where a listener begins.
#[component(Screen)]
pub fn screen(props: &ScreenProps) -> Html {
    let words = use_words();
    let heading = use_node_ref();
    use_effect_with((), {
        let heading = heading.clone();
        move |()| {
            if let Some(window) = web_sys::window() {
                window.scroll_to_with_x_and_y(0.0, 0.0);
            }
            if let Some(heading) = heading.cast::<HtmlElement>() {
                // An element that is on the page takes the focus.
                let _focused = heading.focus();
            }
        }
    });
    html! {
        <div class="screen">
            <header class="bar">
                if let Some(back) = &props.back {
                    <a class="bar-back" href={back.clone()}>
                        <Icon shape={Shape::Back} />
                        <span class="unseen">{ words.back() }</span>
                    </a>
                }
                <h1 class="bar-title" tabindex="-1" ref={heading}>{ &props.title }</h1>
                <div class="bar-aside">{ props.aside.clone() }</div>
            </header>
            <main class="page">
                { props.children.clone() }
                if props.thumb != Html::default() {
                    <div class="thumb">{ props.thumb.clone() }</div>
                }
            </main>
        </div>
    }
}

/// One tab.
#[derive(Clone, PartialEq)]
pub struct Tab {
    /// Where it leads.
    pub href: AttrValue,
    /// Its word.
    pub label: &'static str,
    /// Its drawing.
    pub shape: Shape,
    /// It is the page shown.
    pub here: bool,
    /// How many things wait there.
    pub count: u64,
}

/// Properties of [`TabBar`].
#[derive(Properties, PartialEq)]
pub struct TabBarProps {
    /// From left to right.
    pub tabs: Vec<Tab>,
}

/// The tabs at the bottom.
#[component(TabBar)]
pub fn tab_bar(props: &TabBarProps) -> Html {
    let words = use_words();
    html! {
        <nav class="weui-tabbar tabs" aria-label={words.tabs_label()}>
            { for props.tabs.iter().map(|tab| html! {
                <a class={classes!("weui-tabbar__item", "tab", tab.here.then_some("tab-here"))} href={tab.href.clone()}
                    aria-current={tab.here.then_some("page")}
                    aria-label={(tab.count > 0).then(|| words.tab_with_count(tab.label, tab.count))}>
                    <span class="tab-icon">
                        <Icon shape={tab.shape} />
                        if tab.count > 0 {
                            <span class="badge" aria-hidden="true">{ if tab.count > 99 { "99+".to_owned() } else { tab.count.to_string() } }</span>
                        }
                    </span>
                    <span class="tab-label">{ tab.label }</span>
                </a>
            }) }
        </nav>
    }
}
