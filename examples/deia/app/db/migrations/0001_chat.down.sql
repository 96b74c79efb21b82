drop table chat_messages;
drop table bots;
