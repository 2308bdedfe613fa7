import type { Files } from "../en/files.ts";

/** Sentences of files, in Chinese. */
export const files: Files = {
  attach: "添加文件",
  attached: "此消息的文件",
  remove: "移除 {name}",
  tooLarge: "{name} 大于 {size}。",
  tooMany: "一条消息最多可带 {count} 个文件。",
  waiting: "连接恢复后发送",
  uploading: "正在发送文件",
  damaged: "有文件为空或已损坏。",
  quota: "您的文件空间已满。请删除带文件的消息。",
  serverFull: "服务器没有空间存放更多文件。",
  unavailable: "此服务器不保存文件。",
  sendAgain: "文件未能发送。",
  picture: "图片：{name}",
  show: "显示 {name}",
  download: "下载 {name}",
  gone: "无法加载此文件。",
  previous: "上一张图片",
  next: "下一张图片",
  close: "关闭",
};
