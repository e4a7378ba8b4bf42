//! What stands around every page.

use ui_protocol::session::Progress;

use super::{Words, sentences};

sentences! {
    app_name = "登门", "Doorstep";
    app_purpose = "出租房屋和居住登记", "Rental homes and residence registration";
    tab_today = "今日", "Today";
    tab_homes = "房屋", "Homes";
    tab_people = "人员", "People";
    tab_me = "我的", "Me";
    tab_my_homes = "我的房屋", "My homes";
    tab_report = "报送", "Report";
    tab_receipts = "回执", "Receipts";
    tabs_label = "主导航", "Main navigation";
    back = "返回", "Back";
    save = "保存", "Save";
    cancel = "取消", "Cancel";
    confirm = "确定", "Confirm";
    close = "关闭", "Close";
    more = "更多", "More";
    retry = "再试一次", "Try again";
    done = "完成", "Done";
    undo = "撤销", "Undo";
    edit = "修改", "Edit";
    search = "搜索", "Search";
    clear = "清除", "Clear";
    choose = "请选择", "Please choose";
    not_given = "未填", "Not given";
    yes = "是", "Yes";
    no = "否", "No";
    opening = "正在打开", "Opening";
    saving = "正在保存", "Saving";
    slow = "比平时慢。已保存的数据都在，可以再试一次。", "This takes longer than usual. What you saved is safe; you can try again.";
    nothing_found = "没有找到", "Nothing found";
    waiting_mark = "待上传", "Waiting";
    saved = "已保存", "Saved";
    saved_waiting = "已保存在本机，联网后自动上传", "Saved on this device; it is sent when there is a network";
    draft_restored = "已恢复未保存的内容", "Restored what was not saved";
    draft_moved_on = "这条记录刚有更新，您没动过的项已换成最新，请核对", "This record was updated; what you had not touched shows the new values: please look";
    draft_discard = "不要了", "Discard";
    fields_to_mend = "有几处要改，改好再保存", "A few things to mend before it can be saved";
    field_warning = "提醒", "Note";
    field_problem = "要改", "To mend";
    page_lost = "没有这个页面", "No such page";
    page_lost_help = "回到首页再找一找。", "Go back to the first page and look again.";
    go_home = "回首页", "To the first page";
    more_fields = "更多信息（选填）", "More (optional)";
    fewer_fields = "收起", "Fewer";
    call = "打电话", "Call";
    first_sync = "首次同步", "First sync";
    first_sync_help = "可以先干活，数据会继续下来。", "You can work meanwhile; the rest keeps arriving.";
    history_empty = "还没有记录", "Nothing yet";
    history_me = "我", "Me";
    history_server = "服务器", "The server";
}

impl Words {
    /// What a first sync is loading, its number and its end.
    pub fn progress(self, progress: &Progress) -> String {
        let Progress { name, done, total, making_lists } = progress;
        let (done, total) = (in_thousands(*done), in_thousands(*total));
        let of = |before: &str, after: &str| if name.is_empty() { String::new() } else { format!("{before}{name}{after}") };
        match (making_lists, progress.total) {
            (true, _) => self.pick("数据已到齐，正在整理名单".to_owned(), "Everything has arrived; making the lists".to_owned()),
            (false, 0) => self.pick(format!("正在准备装入{}", of(" ", "")), format!("Getting ready to load{}", of(" ", ""))),
            (false, _) => self.pick(
                format!("正在装入{}：{done} / {total} 条", of(" ", "")),
                format!("Loading{}: {done} of {total} records", of(" ", "")),
            ),
        }
    }

    /// The label of the tab with what needs looking at, for people who hear it.
    pub fn tab_with_count(self, tab: &str, count: u64) -> String {
        self.pick(format!("{tab}，{count} 条待处理"), format!("{tab}, {count} waiting"))
    }

    /// How many rows a list has in all.
    pub fn in_all(self, count: u64) -> String {
        self.pick(format!("共 {count} 条"), format!("{count} in all"))
    }

    /// Who wrote something: nobody said is this device's own person, a number is a device, 0 is the server.
    pub fn who(self, by: &str) -> String {
        match by.parse::<u32>() {
            Ok(0) => self.history_server().to_owned(),
            Ok(device) => self.pick(format!("设备 {device}"), format!("Device {device}")),
            Err(_) if by.is_empty() => self.history_me().to_owned(),
            Err(_) => by.to_owned(),
        }
    }

    /// A telephone link.
    pub fn call_number(self, number: &str) -> String {
        self.pick(format!("打电话 {number}"), format!("Call {number}"))
    }
}

/// 30,000: long numbers are read in threes.
fn in_thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut said = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            said.push(',');
        }
        said.push(digit);
    }
    said
}

#[cfg(test)]
mod tests {
    use super::Progress;
    use crate::words::{BOTH, assert_spoken};

    #[test]
    fn sentences_with_numbers_are_said() {
        for words in BOTH {
            let progress = Progress { name: "东村".to_owned(), done: 1_200, total: 30_000, making_lists: false };
            assert!(words.progress(&progress).contains("1,200"), "{}", words.progress(&progress));
            let states = [
                Progress { total: 0, ..progress.clone() },
                Progress { making_lists: true, ..progress.clone() },
                Progress { name: String::new(), ..progress },
            ];
            for state in states {
                assert_spoken(words, &words.progress(&Progress { name: String::new(), ..state }), "progress");
            }
            assert_spoken(words, &words.tab_with_count(words.tab_me(), 2), "tab");
            assert_spoken(words, &words.in_all(40), "total");
            for by in ["", "0", "12"] {
                assert_spoken(words, &words.who(by), "who");
            }
            assert_spoken(words, &words.call_number("13800000000"), "call");
        }
    }
}
