//! Plates: scanning one, printing them, another one for one that is lost.

use super::{Words, sentences};

sentences! {
    scan_title = "扫门牌", "Scan a plate";
    scan_hint = "把镜头对准门牌上的二维码", "Point the camera at the code on the plate";
    scan_starting = "正在打开摄像头", "Opening the camera";
    scan_video = "摄像头画面", "What the camera sees";
    scan_refused = "摄像头没有打开", "The camera is not open";
    scan_refused_help = "可能没有允许使用，或者这台设备没有摄像头。可以用照片识别，也可以输入门牌上的编号。",
        "It may not be allowed, or there is none. Read a photo instead, or type the number on the plate.";
    scan_rested = "一直没有扫到，摄像头先关了，省电。", "Nothing was seen for a while, so the camera is off to save the battery.";
    scan_again = "再扫一次", "Scan again";
    scan_photo = "用照片识别", "Read it from a photo";
    scan_reading = "正在识别", "Reading the photo";
    scan_no_code = "照片里没有找到二维码", "No code was found in the photo";
    scan_no_code_help = "走近一点、对正了再拍一张，或者输入门牌上的编号。", "Step closer and hold the phone straight, or type the number on the plate.";
    scan_unreadable = "这个文件打不开，不是照片，或者已经损坏", "This file cannot be read: no photo, or a damaged one";
    scan_unreadable_help = "换一张照片，或者输入门牌上的编号。", "Choose another, or type the number on the plate.";
    scan_number = "门牌编号", "Number on the plate";
    scan_number_hint = "例如 2026-123", "For example 2026-123";
    scan_open = "打开", "Open";
    scan_foreign = "这不是房屋门牌", "This is no home's plate";
    scan_foreign_help = "可能是收款码、快递码，或者别的号码。内容没有保存，也没有发出去。",
        "It may be a payment code, a parcel's, or another number. Nothing of it was kept or sent.";
    scan_not_here = "这块门牌的房屋不在本机", "The home of this plate is not on this phone";
    scan_not_here_help = "可能是别的村社区、别的县的门牌，也可能刚发、还没同步过来。先同步，再扫一次。没有发出任何内容。",
        "It may be another village's or county's, or newer than your last sync. Synchronise, then scan again. Nothing was sent.";
    scan_no_such = "这个编号的房屋不在本机", "The home with this number is not on this phone";
    scan_no_such_help = "请核对编号；别的村社区的房屋这里查不到，新登记的要先同步。",
        "Check the number. Homes of other villages are not here, and new ones come with the next sync.";
    scan_nothing = "请输入门牌上的编号", "Type the number on the plate";
    scan_replaced = "这块门牌已经换过", "This plate was replaced";
    scan_open_home = "打开这处房屋", "Open this home";
    plate_title = "门牌", "Plate";
    plate_help = "牌上只有编号和二维码。别人扫了，只看到编号和怎么报送，看不到住的人。",
        "A plate carries a number and a code. Whoever else scans it sees the number and how to report, and nobody who lives there.";
    plate_code = "门牌二维码", "The plate's code";
    plate_given = "发牌日期", "Given on";
    plate_which = "第几块", "Which one";
    plate_none = "还没有门牌", "No plate yet";
    plate_none_help = "同步以后，服务器会发一块。", "The server gives one with the next sync.";
    plate_print = "打印门牌", "Print the plate";
    plate_replace = "换一块新牌", "Replace the plate";
    plate_replace_ask = "旧牌丢了、坏了或者扫不出来？换了新牌，旧牌就作废，要重新打印张贴。",
        "Is the old one lost, broken or unreadable? It stops working, and the new one has to be printed and put up.";
    plate_wanted = "已申请换牌，同步以后就是新牌", "Another plate was asked for; it comes with the next sync";
    plate_replaced = "已换新牌", "The plate was replaced";
    visit_scanned = "扫过门牌", "Plate scanned";
    plates_help = "选好村社区，勾上要印的门牌再打印。牌上只印编号和二维码；最后一页是张贴清单，只给贴牌的人用。",
        "Choose a village, tick the plates to print. A plate carries a number and a code only; the last page says which goes where, for whoever puts them up.";
    plates_choose = "先选一个村社区", "Choose a village first";
    plates_empty = "这个村社区还没有房屋", "This village has no homes yet";
    plates_home = "贴在哪里", "Where it goes";
    plates_tick = "打印", "Print";
    plates_all = "全选", "All";
    plates_none = "都不选", "None";
    plates_print = "打印选中的门牌", "Print the chosen plates";
    plates_list = "张贴清单", "Which plate goes where";
    plates_cut = "这个村社区房屋太多，只列出一部分。", "This village has too many homes: only some are listed.";
    plates_sheet = "打印预览", "What is printed";
}

impl Words {
    /// Which home a former plate was of, and since when it has another.
    pub fn scan_replaced_help(self, home: &str, day: &str) -> String {
        self.pick(
            format!("{home} 从{day}起用新牌。请把旧牌取下来，免得别人再扫。"),
            format!("{home} has another one since {day}. Please take the old one down."),
        )
    }

    /// The plate of one row, for people who listen.
    pub fn plate_of(self, number: &str) -> String {
        self.pick(format!("门牌 {number}"), format!("Plate {number}"))
    }

    /// How many are chosen, and how many go into one print.
    pub fn plates_chosen(self, chosen: usize, most: usize) -> String {
        self.pick(format!("选中 {chosen} 块，一次最多打印 {most} 块"), format!("{chosen} chosen; at most {most} in one print"))
    }
}

#[cfg(test)]
mod tests {
    use crate::words::{BOTH, assert_spoken};

    #[test]
    fn sentences_about_one_plate_are_said() {
        for words in BOTH {
            assert_spoken(words, &words.scan_replaced_help("12", &words.day("2026-11-23", "2026-11-23")), "a former plate");
            assert_spoken(words, &words.plate_of("000123"), "a plate");
            assert!(words.plates_chosen(3, 120).contains("120"));
        }
    }
}
