"""The acquirer's back office (掌柜后台): pages for people, over the acts and the lists of the host."""
