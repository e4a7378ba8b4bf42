//! Who set what, when, from which device, and what it replaced.

use domain::Verb;
use domain::kind;
use ui_protocol::history::{By, HistoryGroup, HistoryLine, Was};

use super::{Words, sentences};

sentences! {
    history_title = "经过", "History";
    history_open_help = "谁在什么时候改了什么，原来是什么", "Who changed what, when, and what stood there before";
    history_here = "这是本机知道的。别人更早的改动在服务器上。", "This is what this device knows. Earlier changes by others are on the server.";
    history_whole = "这是服务器上的完整记录。", "This is the whole record, from the server.";
    history_ask = "从服务器查看完整记录", "See the whole record on the server";
    history_asking = "正在查", "Looking";
    history_offline = "现在连不上服务器，只能看本机知道的。有网络时再查一次。", "The server cannot be reached: this is what this device knows. Look again when there is a network.";
    history_refused = "这条记录现在不归您看，服务器不提供它的经过。", "This record is not yours to see now; the server tells nothing about it.";
    history_unsent = "还没上传，服务器上还没有。", "Not sent yet: the server does not have it.";
    history_older = "更早的", "Earlier";
    history_of_this_device = "本机", "This device";
    history_created = "新登记", "Entered";
    history_was_unknown = "原来是什么，本机不知道", "What stood there before is not known on this device";
    history_was_gone = "原来是什么，已经查不到", "What stood there before is not known any more";
    history_emptied = "（清空）", "(emptied)";
    history_first = "第一次填", "Filled in for the first time";
}

/// A field of a change: its name, what it is now, what it was.
#[derive(Clone, Debug, PartialEq)]
pub struct Changed {
    /// The field's name.
    pub name: &'static str,
    /// What it was set to.
    pub now: String,
    /// What it replaced; `None` when it replaced nothing, or nobody knows.
    pub was: Option<String>,
}

impl Words {
    /// Who did something.
    pub fn by(self, by: &By) -> String {
        match by {
            By::Me => self.history_me().to_owned(),
            By::Server => self.history_server().to_owned(),
            By::Named(name) => name.clone(),
            By::Device(number) => self.pick(format!("用 {number} 号设备的人"), format!("Whoever has device {number}")),
            By::Role(role) => self.role(*role).to_owned(),
        }
    }

    /// A device, as a coordinator would say it; `own` is the number of the one in the hand.
    pub fn from_device(self, device: u32, own: Option<u32>) -> String {
        match device {
            device if Some(device) == own => self.history_of_this_device().to_owned(),
            0 => String::new(),
            device => self.pick(format!("{device} 号设备"), format!("Device {device}")),
        }
    }

    /// What was done, in a few words.
    pub fn done_to(self, line: &HistoryLine) -> String {
        let what = if line.about.is_empty() {
            self.kind(&line.kind).to_owned()
        } else {
            format!("{} · {}", self.kind(&line.kind), line.about)
        };
        match line.verb {
            Verb::Create if kind::is_fact(&line.kind) => what,
            Verb::Create => format!("{what} · {}", self.history_created()),
            Verb::Delete => format!("{what} · {}", self.group("delete")),
            Verb::Restore => format!("{what} · {}", self.group("restore")),
            Verb::Set => what,
        }
    }

    /// A group's name; a few groups are called alike in several kinds of record and mean different things.
    pub fn group_of(self, kind: &str, group: &str) -> &'static str {
        let (chinese, english) = match (kind, group) {
            (kind::HAZARD, "what") => ("隐患", "The hazard"),
            (kind::HAZARD, "state") => ("整改情况", "Mending"),
            (kind::SWEEP, "what") => ("排查", "The sweep"),
            (kind::DUPLICATE, "what") => ("两份登记", "The two registrations"),
            (kind::RESIDENCY | kind::PERMIT | kind::PERMIT_APPLICATION, "who") => ("登记的人", "Whose it is"),
            (kind::ROOM, "where") => ("所在房屋", "Which home"),
            (kind::TENANCY, "where") => ("承租的房屋", "What is rented"),
            (kind::TENANCY, "period") => ("租期", "Time of the tenancy"),
            (kind::WITHDRAWAL, "fact") => ("撤回", "Taking back"),
            (kind::LETTER, "fact") => ("签订", "Signing"),
            _ => return self.group(group),
        };
        self.pick(chinese, english)
    }

    /// What a change set, field by field: what stayed as it was is left out.
    pub fn changed(self, group: &HistoryGroup, today: &str) -> Vec<Changed> {
        let now = self.field_lines(&group.group, &group.fields, today);
        let was = match &group.was {
            Was::Value(fields) => self.field_lines(&group.group, fields, today),
            Was::Nothing | Was::Unknown => Vec::new(),
        };
        let before = |name: &str| was.iter().find(|(field, _)| *field == name).map(|(_, value)| value.clone());
        let set = now.iter().filter(|(name, value)| before(name).as_ref() != Some(value));
        let mut changed: Vec<Changed> =
            set.map(|(name, value)| Changed { name, now: value.clone(), was: before(name) }).collect();
        for (name, value) in &was {
            if now.iter().all(|(field, _)| field != name) {
                changed.push(Changed { name, now: self.history_emptied().to_owned(), was: Some(value.clone()) });
            }
        }
        changed
    }

    /// What a value was before.
    pub fn it_was(self, value: &str) -> String {
        self.pick(format!("原来：{value}"), format!("Before: {value}"))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::words::{BOTH, assert_spoken};

    fn group(now: serde_json::Value, was: Was) -> HistoryGroup {
        HistoryGroup { group: "contact".to_owned(), fields: now.as_object().cloned().expect("an object"), was }
    }

    #[test]
    fn what_changed_is_said_with_what_it_replaced_and_the_rest_is_left_out() {
        let words = BOTH[0];
        let was = Was::Value(json!({"phone": "13900000001", "note": "晚上在"}).as_object().cloned().expect("an object"));
        let now = json!({"phone": "13900000002", "note": "晚上在"});
        let changed = words.changed(&group(now.clone(), was), "2026-11-23");
        assert_eq!(changed, [Changed { name: "电话", now: "13900000002".to_owned(), was: Some("13900000001".to_owned()) }]);
        assert!(words.changed(&group(now, Was::Nothing), "2026-11-23").iter().all(|field| field.was.is_none()));
        let emptied = words.changed(
            &group(json!({}), Was::Value(json!({"phone": "13900000001"}).as_object().cloned().expect("an object"))),
            "2026-11-23",
        );
        assert_eq!((emptied[0].now.as_str(), emptied[0].was.as_deref()), ("（清空）", Some("13900000001")));
    }

    #[test]
    fn everybody_is_called_something() {
        for words in BOTH {
            for by in [By::Me, By::Server, By::Device(17), By::Role(domain::access::Role::Officer)] {
                assert_spoken(words, &words.by(&by), &format!("{by:?}"));
            }
        }
        assert_eq!(BOTH[0].from_device(17, Some(17)), "本机");
        assert_eq!(BOTH[0].from_device(18, Some(17)), "18 号设备");
        assert_eq!(BOTH[0].from_device(0, Some(17)), "");
    }
}
