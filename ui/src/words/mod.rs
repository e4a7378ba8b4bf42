//! Every sentence a person reads, in Chinese and in English. Pages and parts hold none of their own.
//!
//! A plain sentence stands in a table (`sentences!`), one with numbers in it is a function beside the table. Chinese is written
//! first, as a coordinator would say it; English follows.

use yew::prelude::*;

mod attention;
mod dates;
mod desk;
mod errors;
mod evening;
mod frame;
mod held;
mod history;
mod homes;
mod labels;
mod lock;
mod me;
mod people;
mod permits;
mod photos;
mod plates;
mod problems;
mod proof;
mod records;
mod reports;
mod restored;
mod safety;
mod same;
mod start;
mod station;
mod sweeps;
mod tenants;
mod today;
mod visits;
mod withdrawals;

pub use dates::{Due, Urgency};
pub use history::Changed;
pub use labels::Label;

/// A language of the screens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    /// Chinese as written on the mainland.
    Chinese,
    /// English.
    English,
}

impl Language {
    /// From a setting; what is not known is Chinese.
    pub fn from_setting(setting: &str) -> Language {
        if setting == "en" { Language::English } else { Language::Chinese }
    }

    /// The `lang` of the page.
    pub fn tag(self) -> &'static str {
        match self {
            Language::Chinese => "zh-CN",
            Language::English => "en",
        }
    }
}

/// The words of one language.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Words {
    language: Language,
}

impl Words {
    /// The words of `language`.
    pub fn of(language: Language) -> Words {
        Words { language }
    }

    /// Which language they are.
    pub fn language(self) -> Language {
        self.language
    }

    pub(crate) fn pick<T>(self, chinese: T, english: T) -> T {
        match self.language {
            Language::Chinese => chinese,
            Language::English => english,
        }
    }
}

impl Default for Words {
    fn default() -> Words {
        Words::of(Language::Chinese)
    }
}

/// The words of the language in use.
#[hook]
pub fn use_words() -> Words {
    use_context::<Words>().unwrap_or_default()
}

/// Writes a table of plain sentences as methods of [`Words`], and the same table for the tests.
macro_rules! sentences {
    ($($name:ident = $zh:literal, $en:literal;)+) => {
        impl $crate::words::Words {
            $(
                #[doc = $en]
                pub fn $name(self) -> &'static str {
                    self.pick($zh, $en)
                }
            )+
        }

        /// The table, for the tests.
        #[cfg(test)]
        pub(super) const SENTENCES: &[(&str, &str, &str)] = &[$((stringify!($name), $zh, $en)),+];
    };
}
pub(crate) use sentences;

#[cfg(test)]
pub(crate) const BOTH: [Words; 2] = [Words { language: Language::Chinese }, Words { language: Language::English }];

/// Asserts that a sentence is there and in its language: no English inside the Chinese, no Chinese inside the English.
#[cfg(test)]
pub(crate) fn assert_spoken(words: Words, sentence: &str, about: &str) {
    let han = |c: char| ('\u{4e00}'..='\u{9fff}').contains(&c);
    assert!(!sentence.trim().is_empty(), "nothing to say about {about}");
    match words.language {
        Language::Chinese => {
            assert!(!sentence.chars().any(|c| c.is_ascii_alphabetic()), "English inside the Chinese about {about}: {sentence}");
        }
        Language::English => assert!(!sentence.chars().any(han), "Chinese inside the English about {about}: {sentence}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_plain_sentence_is_said_in_both_languages() {
        let tables = [
            attention::SENTENCES,
            dates::SENTENCES,
            desk::SENTENCES,
            evening::SENTENCES,
            frame::SENTENCES,
            held::SENTENCES,
            history::SENTENCES,
            homes::SENTENCES,
            lock::SENTENCES,
            me::SENTENCES,
            people::SENTENCES,
            permits::SENTENCES,
            photos::SENTENCES,
            plates::SENTENCES,
            proof::SENTENCES,
            records::SENTENCES,
            reports::SENTENCES,
            restored::SENTENCES,
            safety::SENTENCES,
            same::SENTENCES,
            start::SENTENCES,
            station::SENTENCES,
            sweeps::SENTENCES,
            tenants::SENTENCES,
            today::SENTENCES,
            visits::SENTENCES,
            withdrawals::SENTENCES,
        ];
        for (name, chinese, english) in tables.into_iter().flatten() {
            // A language is offered in its own words, so that whoever cannot read this one finds it; keys are printed on the keyboard.
            if *name == "language_english" || *name == "language_chinese" || *name == "desk_keys" || *name == "desk_permit_keys" {
                continue;
            }
            assert_spoken(BOTH[0], chinese, name);
            assert_spoken(BOTH[1], english, name);
        }
    }
}
