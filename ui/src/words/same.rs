//! Two registrations that are, or may be, one person.

use domain::duplicate::PairWhy;

use super::{Words, sentences};

sentences! {
    same_joined = "由两次登记合并", "Joined from two registrations";
    same_joined_help = "同一个人在两处登记过，已经合成一个人，登记从早的那次算。", "The same person was registered twice. They are one person now, and the earlier declaration counts.";
    same_split = "拆分", "Take apart";
    same_split_ask = "确定是两个人？拆开以后，各用各自登记的内容，居住登记也分开。",
        "Are they two people? Each gets back what was registered for it, and the registrations stand apart.";
    same_split_done = "已拆分", "Taken apart";
    same_title = "是不是同一人", "The same person?";
    same_yes = "是同一人", "The same person";
    same_no = "不是同一人", "Two people";
    same_known = "知道了", "I see";
    same_yes_done = "已记为同一人", "Noted: the same person";
    same_no_done = "已记为两个人，不再提醒", "Noted: two people. It will not be asked again";
    same_elsewhere = "两处登记在两个村。记为同一人以后，由原来的村移交，移交后自动合并。",
        "They stand in two villages. Once noted as one person, the first village hands over, and then they are joined.";
    same_hidden = "姓名在对方村，看不到", "The name belongs to the other village";
    same_reported = "这个证件已经登记过", "This document is already registered";
    same_reported_help = "报送的人可能就是下面这位，核对以后再登记。", "The reported person may be this one. Check before you register.";
    desk_duplicates_open = "待认定同一人", "Same person?";
}

impl Words {
    /// Why two registrations are shown side by side.
    pub fn pair_why(self, why: PairWhy) -> &'static str {
        let (chinese, english) = match why {
            PairWhy::Merged => (
                "同村、同名、同一个证件号码登记了两次，已合成一个人。弄错了可以拆分。",
                "One number and one name were registered twice in one village: they are one person now. If that is wrong, take them apart.",
            ),
            PairWhy::Village => ("同一个证件号码在两个村都登记了", "One document number is registered in two villages"),
            PairWhy::Name => ("证件号码相同，姓名不同", "The document number is the same, the names differ"),
            PairWhy::Number => ("证件号码改了以后，和另一个人相同", "After a correction the number is another person's too"),
        };
        self.pick(chinese, english)
    }

    /// Who registered the other time, and when.
    pub fn same_registered(self, by: &str, moment: &str) -> String {
        let by = self.who(by);
        self.pick(format!("{by} 于 {moment} 登记"), format!("registered by {by}, {moment}"))
    }

    /// The reported number stands in another village.
    pub fn same_reported_elsewhere(self, village: &str) -> String {
        self.pick(
            format!("这个证件已在{village}登记。请联系{village}的协管员办理移交。"),
            format!("This document is registered in {village}. Ask the coordinator there to hand over."),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::{BOTH, assert_spoken};

    #[test]
    fn every_question_about_two_people_is_explained() {
        for words in BOTH {
            for why in [PairWhy::Merged, PairWhy::Village, PairWhy::Name, PairWhy::Number] {
                assert_spoken(words, words.pair_why(why), &format!("{why:?}"));
            }
            assert_spoken(words, &words.same_reported_elsewhere(words.pick("东村", "Dong")), "a report");
            assert_spoken(words, &words.same_registered(words.pick("王敏", "Wang"), "9:00"), "who registered");
        }
    }
}
