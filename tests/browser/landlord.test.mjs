// A landlord reports offline, the coordinator verifies at the door, the receipt says both times; the officer sees it all.
import { after, before, test } from "node:test";
import assert from "node:assert/strict";
import { County, DESKTOP, PHONE, accessible, documentNumber, enrol, go, quiet, shot, syncNow } from "./county.mjs";

let county;
let chen;
let wang;

before(async () => {
    county = await County.start();
    chen = await county.open(await county.device(), PHONE);
    await enrol(chen, county, "chen");
    await syncNow(chen);
    wang = await county.open(await county.device(), PHONE);
    await enrol(wang, county, "wang");
    await syncNow(wang);
});
after(async () => {
    await county?.stop();
});

test("a landlord sees his homes and nothing else", async () => {
    await go(chen, "/");
    await chen.locator(".rows a").first().waitFor();
    assert.ok((await chen.locator(".rows a").count()) <= 5, "his own homes only");
    await accessible(chen, "landlord-homes");
    await go(chen, "/people");
    assert.equal(await chen.getByRole("searchbox").count(), 0, "no people for a landlord");
});

test("he reports a tenant offline and gets a receipt when the line is back", async () => {
    await county.stopServer();
    await go(chen, "/report/in");
    await chen.locator("#unit").selectOption({ index: 1 });
    await chen.locator("#doc_no").fill(documentNumber("36112419930617002"));
    await chen.locator("#name").fill("徐巧云");
    await chen.locator("#phone").fill("13767000777");
    await accessible(chen, "landlord-report-in");
    await chen.getByRole("button", { name: "提交报送" }).click();
    await chen.getByText("已提交").first().waitFor();
    await county.startServer();
    await syncNow(chen);
    await go(chen, "/reports");
    await chen.getByText("徐巧云").first().click();
    await chen.getByText("回执编号").waitFor();
    await chen.getByText("按时报送").waitFor();
    await accessible(chen, "landlord-receipt");
    await go(chen, "/me/settings");
    await chen.getByText("关怀模式（大字）").click();
    await go(chen, "/reports");
    await chen.getByText("徐巧云").first().click();
    await chen.getByText("回执编号").waitFor();
    await shot(chen, "picture-landlord-phone-care");
});

test("the coordinator verifies it at the door", async () => {
    await syncNow(wang);
    await go(wang, "/");
    await wang.getByText("徐巧云").first().click();
    await wang.getByRole("link", { name: "上门核实" }).click();
    await wang.locator("#doc_no").waitFor();
    await wang.locator(".suggestion-button").or(wang.locator("#hukou_region")).first().waitFor();
    if (await wang.locator(".suggestion-button").count()) await wang.locator(".suggestion-button").first().click();
    await wang.locator("#reason").selectOption("204");
    await wang.locator("#intended").selectOption("3");
    await wang.locator("#relation").selectOption("LESSEE");
    await accessible(wang, "verify");
    await wang.getByRole("button", { name: "核实并登记" }).click();
    await wang.getByText("徐巧云 登记好了").locator("visible=true").first().waitFor();
    await syncNow(wang);
    await syncNow(chen);
    await go(chen, "/reports");
    await chen.getByText("徐巧云").first().waitFor();
    await chen.getByText("已核实").first().waitFor();
    quiet(chen);
    quiet(wang);
});

test("the officer signs in, sees areas with counts, the list and the record", async () => {
    const desk = await county.open(county.address, DESKTOP);
    await desk.locator("#login").fill("zhou");
    await desk.locator("#password").fill("wrong-password");
    await desk.getByRole("button", { name: "登录" }).click();
    await desk.getByText(/不对/).first().waitFor();
    await desk.locator("#password").fill("zhou-doorstep");
    await desk.getByRole("button", { name: "登录" }).click();
    await desk.getByText("在册人员").first().waitFor();
    await accessible(desk, "desk-overview");
    await shot(desk, "picture-desk-overview");
    await desk.getByRole("link", { name: "记录" }).click();
    await desk.getByRole("searchbox").fill("徐巧云");
    await desk.getByText("徐巧云").first().click();
    await desk.getByText("经过").first().waitFor();
    await accessible(desk, "desk-record");
    await shot(desk, "picture-desk-record");
    quiet(desk);
});
